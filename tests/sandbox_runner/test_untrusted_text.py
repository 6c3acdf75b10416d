"""Text from a sandbox: well-formed, cut, visible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.untrusted_text import cut_bytes, visible, well_formed

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_well_formed_text_can_always_be_encoded(text):
    well_formed(text).encode()


@given(st.text())
def test_text_without_surrogates_stays_as_it_is(text):
    assert well_formed(text) == text


def test_a_pair_of_surrogates_becomes_its_character():
    assert well_formed("\ud83d\ude00") == "😀"


@given(st.text(), st.integers(min_value=0, max_value=30))
def test_a_cut_keeps_whole_characters_and_counts_the_rest(text, bytes_max):
    data = text.encode()
    kept, missing = cut_bytes(data, bytes_max)
    assert data.decode().startswith(kept)
    assert len(kept.encode()) + missing == len(data)
    assert len(kept.encode()) <= bytes_max


@given(st.binary(max_size=50), st.integers(min_value=0, max_value=60))
def test_bytes_that_are_no_text_are_cut_all_the_same(data, bytes_max):
    _, missing = cut_bytes(data, bytes_max)
    assert max(0, len(data) - bytes_max) <= missing <= len(data)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("\x1b]0;owned\x07", "\\x1b]0;owned\\x07", id="a title"),
        pytest.param("\x9b2J", "\\x9b2J", id="an eight-bit control sequence"),
        pytest.param("a\rb\nc", "a\\x0db\\x0ac", id="line breaks"),
        pytest.param("\u202egnp.exe", "\\u202egnp.exe", id="text turned around"),
        pytest.param("a\u200bb", "a\\u200bb", id="a blank without width"),
        pytest.param("\U000e0041", "\\U000e0041", id="an invisible tag"),
        pytest.param("REPORT\tDuration", "REPORT\tDuration", id="tabs stay"),
        pytest.param("日本語 é", "日本語 é", id="letters stay"),
    ],
)
def test_what_could_steer_a_terminal_is_written_out(raw, shown):
    assert visible(raw) == shown


@given(ANY_TEXT)
def test_nothing_that_is_visible_is_a_control_character(text):
    assert all(each == "\t" or each.isprintable() or each == " " or not each.isascii() for each in visible(text))
    assert "\x1b" not in visible(text)
