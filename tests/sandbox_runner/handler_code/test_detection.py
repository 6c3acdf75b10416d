"""Which language pasted code is in, and what its handler is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.handler_code.detection import detect
from sandbox_runner.limits import CODE_CHARACTERS_MAX
from tests.sandbox_runner.handler_code.pasted import NO_CODE, PASTED


@pytest.mark.parametrize(("text", "expected"), PASTED.values(), ids=PASTED)
def test_pasted_code_is_understood(text, expected):
    found = detect(text)

    assert found is not None
    assert (found.label, found.suffixes[0], found.handlers[0]) == expected


@pytest.mark.parametrize("text", NO_CODE.values(), ids=NO_CODE)
def test_what_is_no_code_has_no_language(text):
    assert detect(text) is None


@given(st.one_of(st.text(), st.lists(st.sampled_from([each[0] for each in PASTED.values()])).map("".join)))
def test_any_text_is_something_or_nothing(text):
    found = detect(text)

    assert found is None or set(found.handlers) <= set(found.exported)


@pytest.mark.parametrize("part", ["(", "[{", "def f(", "export ", "a=>", "`${", '"""', "\ud800", "\0"])
def test_hostile_text_of_any_length_takes_a_moment(part):
    began = time.thread_time()

    detect(part * CODE_CHARACTERS_MAX)

    assert time.thread_time() - began < 5
