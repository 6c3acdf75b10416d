"""What came by way of AWS's services is shown wherever a verdict is, and none of it becomes markup."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.run_page.passages import passage_view
from playground.run_page.presenter import run_page
from playground.text.display_text import plain
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.messages import say
from sandbox_runner.results.model import Reader, Verdict, Writer
from sandbox_runner.results.telling import told
from tests.playground.hostile_results import EVERYTHING
from tests.playground.run_results import leak, passage

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")
SENTENCE = (
    "tenant-b received tenant-a's `queryStringParameters.message` (hoge) by way of DynamoDB table notes, id=1: "
    "tenant-a's request stored it with PutItem, and tenant-b's request read it with GetItem. "
    "With the account as it was before tenant-a's request, it is gone: no environment held it over."
)


def shared_table(*passages):
    """A result without findings and with these."""
    said = (say("came-by-services", compared=1, answers=1, values=1),)
    return leak(verdict=Verdict.CLEAN, verdict_messages=said, findings=(), passages=passages or (passage(),))


def page_of(result):
    """The part of a page that has the evidence."""
    return render_to_string("experiments/_evidence_section.html", {"page": run_page(result), "run": None, "site": True})


def test_a_passage_is_a_sentence_with_the_way_to_both_requests_and_what_was_seen():
    (shown,) = run_page(shared_table()).passages

    assert plain(shown.sentence) == SENTENCE.replace("`", "")
    assert (shown.writer_anchor, shown.reader_anchor, shown.confidence) == ("request-1", "request-2", "proven")
    assert [plain(each.text) for each in shown.evidence[0].conditions] == ["hoge", "said hoge", "nothing there"]


def test_the_value_is_marked_where_it_came_out():
    _, in_run, _ = passage_view(passage()).evidence[0].conditions

    assert [piece.text for piece in in_run.text if piece.classes] == ["hoge"]


def test_the_page_has_it_below_the_verdict():
    html = page_of(shared_table())

    assert "By way of AWS's services" in html
    assert 'href="#request-1"' in html


def test_without_one_there_is_no_such_part():
    assert "passages" not in page_of(leak())


def test_the_command_line_has_it_before_the_requests():
    lines = render(shared_table(), Paint(on=False)).splitlines()

    at = lines.index("By way of AWS's services")
    assert lines[at + 1] == f"  {SENTENCE} (proven)"
    assert at < lines.index("Requests")


def test_the_markdown_of_an_issue_has_it():
    text = issue_markdown(shared_table(), ORIGIN)

    assert "### By way of AWS's services\n\n- proven: tenant-b received" in text


def test_the_api_s_json_has_its_sentence_in_each_language():
    stored = shared_table().to_json()

    assert told(stored, "en")["passages"][0]["sentence"] == SENTENCE
    assert "DynamoDB のテーブル notes (id=1) を経由" in told(stored, "ja")["passages"][0]["sentence"]


def test_a_result_without_one_is_stored_as_before():
    assert "passages" not in leak().to_json()


@pytest.mark.parametrize(
    ("shown", "forbidden"),
    [
        (page_of, ("<script", "<img", "</style", "\x1b", "\u202e", "\0")),
        (lambda result: render(result, Paint(on=False)), ("\x1b", "\u202e", "\0")),
    ],
    ids=["page", "terminal"],
)
def test_nothing_of_it_becomes_markup_or_a_control(shown, forbidden):
    text = EVERYTHING[:64]
    (came, gone) = passage().messages
    came = say(came.code, **(came.params | {"name": EVERYTHING, "key": EVERYTHING, "value": EVERYTHING}))
    one = passage(
        messages=(came, gone),
        writer=Writer(invocation=1, principal=text, leaf=EVERYTHING),
        reader=Reader(invocation=2, principal=text, output_path=EVERYTHING),
    )

    output = shown(shared_table(one))
    assert "alert(1)" in output
    assert not [each for each in forbidden if each in output]
