"""A run as Markdown for an issue tracker."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from playground.exports import markdown
from playground.exports.issue import LOG_LINES_MAX, REQUESTS_MAX, issue_markdown
from playground.exports.origin import Origin
from tests.playground.hostile_results import EVERYTHING, hostile
from tests.playground.run_results import invocation, leak, log_entry

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")
# What a tracker does with Markdown: raw HTML, tables, and addresses that become links.
TRACKER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TRACKER_TAKES = 65_536


def rendered(text):
    return TRACKER.render(text)


def tags(html):
    """Every element that a rendered document opens."""
    return re.findall(r"<([a-z][a-z0-9]*)", html)


def test_it_says_what_came_of_it_with_versions_requests_log_and_address():
    text = issue_markdown(leak(), ORIGIN)

    assert text.startswith("**LEAK**: tenant-b received tenant-a's")
    assert "<https://holdover.example/r/an-id>" in text
    assert "| runtime | `nodejs22.x` |" in text
    assert "| Holdover | 0.1.0 |" in text
    assert "| 2 | `tenant-b` | warm | success |" in text
    assert "START RequestId" in text
    assert "python -m sandbox_runner run an-id.yaml" in text


def test_a_finding_names_what_carried_it_and_where():
    text = issue_markdown(leak(), ORIGIN)

    assert text.count("`app.handler.[[module]].someGlobalValue`") == 1
    assert "Written at `app.mjs`, line 8. Read at `app.mjs`, line 6." in text


def test_names_are_code_in_its_headline_which_no_finding_repeats():
    text = issue_markdown(leak(), ORIGIN)

    assert text.startswith("**LEAK**: tenant-b received tenant-a's `queryStringParameters.message` (hoge).")
    assert text.count("tenant-b received") == 1
    assert "- LEAK, strong evidence: Written at" in text


def test_a_colon_of_a_sentence_is_one_and_none_makes_an_address_or_an_emoji():
    assert markdown.prose("Confirmed: 4 of 4") == "Confirmed: 4 of 4"
    assert rendered(markdown.prose("see https://example.org or :+1: or mailto:a@example.org")).count("<a") == 0
    assert ":" not in markdown.prose("see https://example.org or :+1:")


def test_hostile_text_makes_no_element_that_ours_does_not_make():
    assert set(tags(rendered(issue_markdown(hostile(), ORIGIN)))) <= set(tags(rendered(issue_markdown(leak(), ORIGIN))))


def test_hostile_text_makes_no_link_and_no_heading():
    html = rendered(issue_markdown(hostile(), ORIGIN))

    assert set(re.findall(r'href="([^"]*)"', html)) == {ORIGIN.url, f"{ORIGIN.url}/scenario.yaml"}
    assert re.findall(r"<h\d>(.*?)</h\d>", html) == ["Findings", "Requests", "Log", "See it again"]


def test_hostile_text_stays_in_its_cell():
    html = rendered(issue_markdown(hostile(), ORIGIN))

    assert {row.count("<td") for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)} == {0, 2, 8}


def test_what_hides_is_named():
    text = issue_markdown(hostile(), ORIGIN)

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\ud800-\udfff]", text)
    assert "U+202E" in text


@pytest.mark.parametrize("times", [3, 200])
def test_it_stays_below_what_trackers_take(times):
    assert len(issue_markdown(hostile(times), ORIGIN)) < TRACKER_TAKES


def test_what_is_left_out_is_counted():
    many = tuple(invocation(number) for number in range(1, REQUESTS_MAX + 8))
    lines = tuple(log_entry(f"line {number}") for number in range(LOG_LINES_MAX + 5))

    text = issue_markdown(leak(invocations=many, log=lines, findings=()), ORIGIN)

    assert "7 requests more" in text
    assert "5 log lines more" in text


def test_a_run_that_wrote_no_line_says_so():
    assert "Nothing was logged." in issue_markdown(leak(log=()), ORIGIN)


# --- the parts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a", "`", "a`b``c", "|", "\\|", "<b>", "&lt;", "*x*", "_x_", "[a](b)", "~~x~~", "$x$"]
)
def test_prose_and_code_show_exactly_their_text(text):
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert rendered(markdown.prose(f"a {text}")) == f"<p>a {shown}</p>\n"
    assert rendered(markdown.code(text)) == f"<p><code>{shown}</code></p>\n"


def test_mentions_and_references_are_inside_code():
    assert markdown.prose("@team #12") == "`@`team `#`12"


def test_a_fence_is_longer_than_any_run_of_backticks():
    block = markdown.fenced(f"a\n{'`' * 7}\n{EVERYTHING.replace(chr(0), '')}")

    assert block.startswith("`" * 8 + "text\n")
    assert len(re.findall("<pre>", rendered(block))) == 1
