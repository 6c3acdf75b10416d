"""Python is formatted as ruff writes it, within bounds, and code that does not parse is said with its place."""

import pytest
from django.urls import reverse

from playground.editor import formatting
from playground.editor.formatting import TEXT_BYTES_MAX, NotFormattedError, formatted_python


def asked(client, text):
    return client.post(reverse("format"), {"text": text})


def test_a_text_becomes_what_ruff_writes():
    assert formatted_python("def f( a,b ):\n  return {'a':a}") == 'def f(a, b):\n    return {"a": a}\n'


def test_a_syntax_error_is_said_with_its_line_and_column():
    with pytest.raises(NotFormattedError) as told:
        formatted_python("x = 1\ndef f(:\n")
    assert (told.value.line, told.value.column) == (2, 7)
    assert told.value.why.startswith("Expected a parameter")


# What recursion makes of the second is the formatter's business; that it ends, and is said, is ours.
@pytest.mark.parametrize("text", ["x" * (TEXT_BYTES_MAX + 1), "[" * 100_000, "\0", "\ud800 ="])
def test_what_cannot_be_formatted_is_said_in_a_sentence(text):
    with pytest.raises(NotFormattedError) as told:
        formatted_python(text)
    assert told.value.why


def test_who_comes_while_others_format_is_asked_to_try_again():
    with formatting._AT_ONCE, formatting._AT_ONCE, pytest.raises(NotFormattedError, match="try again"):
        formatted_python("x=1")
    assert formatted_python("x=1") == "x = 1\n"


def test_a_formatter_that_takes_too_long_is_ended(monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 100\n")
    slow.chmod(0o755)
    monkeypatch.setattr(formatting, "find_ruff_bin", lambda: str(slow))
    monkeypatch.setattr(formatting, "_SECONDS_MAX", 0.2)
    with pytest.raises(NotFormattedError, match="too long"):
        formatted_python("x=1")


@pytest.mark.django_db
def test_the_page_gets_the_text_or_the_place_of_the_error(client):
    assert asked(client, "x=1").json() == {"text": "x = 1\n"}
    assert asked(client, "x =").json()["line"] == 1
