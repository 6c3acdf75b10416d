"""Text of a sandbox is shown so that nothing in it can hide."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text.display_text import Piece, compared, hides, log_line, marked, one_page, plain, visible

ANY_TEXT = st.text(alphabet=st.characters())
HIDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        pytest.param("\x00", "␀", id="a control"),
        pytest.param("\x1b", "␛", id="escape"),
        pytest.param("\x7f", "␡", id="delete"),
        pytest.param("\r", "␍", id="carriage return"),
        pytest.param("\u202e", "U+202E", id="right-to-left override"),
        pytest.param("\u2066", "U+2066", id="an isolate"),
        pytest.param("\u200b", "U+200B", id="zero-width space"),
        pytest.param("\ufeff", "U+FEFF", id="byte order mark"),
        pytest.param("\u2028", "U+2028", id="line separator"),
        pytest.param("\ud800", "U+D800", id="a lone surrogate"),
        pytest.param("\u3164", "U+3164", id="a letter that is blank"),
        pytest.param("\U000e0041", "U+E0041", id="a tag character"),
    ],
)
def test_a_character_that_hides_is_shown_by_its_name(character, shown):
    assert visible(f"a{character}b") == (Piece("a"), *(p for p in visible(character)), Piece("b"))
    assert visible(character)[0].text == shown
    assert visible(character)[0].classes == "invisible"
    assert visible(character)[0].title


@pytest.mark.parametrize("text", ["", "plain", "日本語 “quoted”", "two\nlines\tand a tab", "<b>&amp;</b>", "שלום"])
def test_text_that_hides_nothing_is_left_as_it_is(text):
    assert plain(visible(text)) == text
    assert not any(piece.classes for piece in visible(text))


@given(ANY_TEXT)
def test_nothing_that_hides_reaches_the_page(text):
    shown = plain(visible(text)).replace("\n", "").replace("\t", "")
    assert not [c for c in shown if unicodedata.category(c) in HIDING]


@given(ANY_TEXT)
def test_every_hiding_character_has_a_piece_of_its_own(text):
    named = [piece for piece in visible(text) if piece.classes == "invisible"]
    assert len(named) == sum(hides(character) for character in text)


@given(ANY_TEXT)
def test_a_log_line_hides_nothing_either(text):
    shown = plain(log_line(text)).replace("\n", "").replace("\t", "")
    assert not [c for c in shown if unicodedata.category(c) in HIDING]


@given(st.text(min_size=1), st.integers(0, 40))
def test_what_is_cut_is_counted(text, limit):
    pieces = visible(text, limit=limit)
    cut = [piece for piece in pieces if piece.classes == "cut"]
    assert bool(cut) == (len(text) > limit)
    if cut:
        assert f" {len(text) - limit:,} characters more" in cut[0].text


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        pytest.param(
            "\x1b[31mred\x1b[0m plain", (Piece("red", "ansi-fg-1"), Piece(" plain")), id="a colour ends with 0"
        ),
        pytest.param("\x1b[1;32mok\x1b[m", (Piece("ok", "ansi-bold ansi-fg-2"),), id="two styles, an empty reset"),
        pytest.param("\x1b[1ma\x1b[22mb", (Piece("a", "ansi-bold"), Piece("b")), id="bold ends alone"),
        pytest.param("\x1b[38;5;4mblue", (Piece("blue", "ansi-fg-4"),), id="one of 256, with a class"),
        pytest.param("\x1b[38;5;200mpink", (Piece("pink"),), id="one of 256 without a class"),
        pytest.param("\x1b[38;2;1;2;3;1mbold", (Piece("bold", "ansi-bold"),), id="what follows a true colour counts"),
        pytest.param("\x1b[91mbright\x1b[39m", (Piece("bright", "ansi-fg-9"),), id="a bright colour, default after it"),
        pytest.param("\x1b[999mx", (Piece("x"),), id="an unknown style changes nothing"),
        pytest.param("done\r\n", (Piece("done"),), id="a line end is not shown"),
    ],
)
def test_colours_of_a_terminal_become_classes(line, pieces):
    assert log_line(line) == pieces


def test_an_escape_that_is_no_colour_stays_visible():
    assert plain(log_line("\x1b[2Jgone\x1b]8;;http://x\x07")) == "␛[2Jgone␛]8;;http://x␇"


def test_a_carriage_return_inside_a_line_does_not_overwrite_what_is_before_it():
    assert plain(log_line("real\rfake")) == "real␍fake"


def test_the_stretch_that_differs_is_marked():
    assert compared("message=hoge.", "message=fuga.") == (
        Piece("message="),
        Piece("hoge", "differs"),
        Piece("."),
    )


@pytest.mark.parametrize(
    ("text", "other", "marked_words"),
    [
        ("first request here", "message=hoge", "first request here"),
        ("message=hoge", "first request here", "message=hoge"),
        ("upload-1795646078.", "upload-1795646080.", "1795646078"),
        ("cold", "coldstart", ""),
        ("a, b", "a, c", "b"),
    ],
)
def test_words_are_marked_as_a_whole(text, other, marked_words):
    assert "".join(piece.text for piece in compared(f"kept, {text}", f"kept, {other}") if piece.classes) == marked_words


def test_texts_with_nothing_in_common_are_not_marked_as_a_whole():
    assert compared("abc", "xyz") == (Piece("abc"),)


@given(ANY_TEXT, ANY_TEXT)
def test_marking_what_differs_loses_nothing(text, other):
    assert plain(compared(text, other, limit=10_000)) == plain(visible(text))


def test_a_value_is_marked_where_it_came_out():
    assert marked("got hoge back", "hoge") == (Piece("got "), Piece("hoge", "differs"), Piece(" back"))


@pytest.mark.parametrize("needle", ["", "absent"])
def test_a_value_that_did_not_come_out_is_not_marked(needle):
    assert marked("got hoge back", needle) is None


def test_a_page_names_as_many_hidden_characters_as_it_has_room_for():
    with one_page() as room:
        room.left = 3
        shown = [plain(visible("\u200b\u200b")), plain(visible("a\u200bb\u200bc")), plain(visible("\u202e x"))]

    assert shown == ["U+200BU+200B", "aU+200Bb\ufffdc", "\ufffd x"]
    assert room.wanted_more
    assert plain(visible("\u202e")) == "U+202E"


def test_a_page_colours_as_many_stretches_of_lines_as_it_has_room_for():
    with one_page() as room:
        room.left = 2
        pieces = log_line("\x1b[31mred\x1b[32mgreen\x1b[33myellow\x1b[0m")

    assert [(piece.text, piece.classes) for piece in pieces] == [("red", "ansi-fg-1"), ("greenyellow", "")]


@given(ANY_TEXT)
def test_nothing_hides_on_a_page_without_room_either(text):
    with one_page() as room:
        room.left = 0
        shown = plain(visible(text)).replace("\n", "").replace("\t", "")

    assert not [c for c in shown if unicodedata.category(c) in HIDING]
