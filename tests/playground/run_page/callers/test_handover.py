"""The gravest finding at a glance: who sent what, and in whose answer it stands."""

from __future__ import annotations

import json

import pytest

from playground.run_page.callers.handover import AROUND_CHARACTERS, handover
from playground.text.display_text import plain
from tests.playground.run_results import finding, invocation, leak

SENT = '{"queryStringParameters": {"message": "hoge"}}'


def answered(response: str, *, payload: str = '{"queryStringParameters": {"message": "fuga"}}', **fields):
    first = invocation(1, payload=SENT)
    return leak(invocations=(first, invocation(2, payload=payload, response=response, **fields)))


def test_the_senders_value_is_marked_in_the_receivers_answer_and_both_have_their_colours():
    shown = handover(answered('{"body": "warmstart, message=hoge"}'))
    assert (shown.writer.who, shown.writer.number, shown.writer.colour) == ("tenant-a", 1, 1)
    assert (shown.reader.who, shown.reader.anchor, shown.reader.colour) == ("tenant-b", "request-2", 2)
    assert (shown.leaf, plain(shown.value)) == ("queryStringParameters.message", "hoge")
    assert plain(piece for piece in shown.answer if "differs" in piece.classes) == "hoge"
    assert plain(shown.answer) == '{"body": "warmstart, message=hoge"}'


def test_of_a_long_answer_there_is_what_stands_around_the_value():
    shown = handover(answered(json.dumps(["x" * 5_000, "hoge", "y" * 5_000])))
    assert plain(shown.answer).startswith("…xxx")
    assert plain(shown.answer).endswith("yyy…")
    assert len(plain(shown.answer)) == 2 * AROUND_CHARACTERS + len("hoge") + 2


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(leak(findings=()), id="nothing was found"),
        pytest.param(answered('{"body": "warmstart, message=HOGE"}'), id="it came out in another form"),
        pytest.param(answered('"hoge"', payload='{"own": "hoge"}'), id="the receiver sent the same"),
        pytest.param(answered('"hoge"', principal="tenant-a"), id="both are one caller's"),
        pytest.param(leak(findings=(finding(writer=None),)), id="nobody knows whose it was"),
    ],
)
def test_there_is_nothing_to_show_where(result):
    assert handover(result) is None
