"""The ledger's document as a page."""

from __future__ import annotations

import pytest

from playground.fidelity.document import Span, line, read_ledger
from playground.fidelity.views import ledger
from playground.run_page.fidelity_rows import fidelity_rows
from sandbox_runner.runtimes.registry import RUNTIMES
from tests.playground.run_results import leak

DOCUMENT = """\
# Accuracy vs AWS

What *is* here.

## Phases

| behaviour | state |
|---|---|
| <a id="init"></a>Init runs `app.py` | emulated |
| a \\| b | absent |

- **Memory.** One
  line.
- Two <https://example.org/a>.
"""


def words(spans):
    return "".join(span.text for span in spans)


def test_a_document_is_sections_with_rows_and_lists():
    title, phases = read_ledger(DOCUMENT).sections
    assert (title.heading, [words(p) for p in title.paragraphs]) == ("Accuracy vs AWS", ["What is here."])
    assert (phases.heading, phases.anchor, phases.columns) == ("Phases", "phases", ("behaviour", "state"))
    assert [(row.anchor, words(row.behaviour), row.state) for row in phases.rows] == [
        ("init", "Init runs app.py", "emulated"),
        ("", "a | b", "absent"),
    ]
    assert [words(item) for item in phases.items] == ["Memory. One line.", "Two https://example.org/a."]


@pytest.mark.parametrize(
    ("text", "kind", "inside"),
    [
        ("a `code` b", "code", "code"),
        ("<https://example.org/>", "link", "https://example.org/"),
        ("**much**", "strong", "much"),
        ("*so*", "em", "so"),
        ("<script>alert(1)</script>", "text", "<script>alert(1)</script>"),
        ("<javascript:alert(1)>", "text", "<javascript:alert(1)>"),
        ("see the [decision](adr/0001-record-decisions.md)", "text", "see the decision"),
    ],
)
def test_a_line_is_spans(text, kind, inside):
    assert Span(kind, inside) in line(text)


def test_rows_are_found_by_their_names_in_the_order_asked_for():
    assert [row.anchor for row in read_ledger(DOCUMENT).rows_named(["x", "init", "init"])] == ["init"]


def test_the_project_s_own_ledger_has_every_row_that_a_run_links_to():
    asked = fidelity_rows(leak())
    assert asked
    assert [row.anchor for row in ledger().rows_named(asked)] == list(dict.fromkeys(asked))


def test_names_of_rows_are_given_once():
    anchors = [row.anchor for section in ledger().sections for row in section.rows if row.anchor]
    assert len(anchors) == len(set(anchors)) > 50


@pytest.mark.django_db
def test_the_page_has_each_row_at_its_name(client):
    page = client.get("/fidelity").content.decode()
    assert '<tr id="init"' in page
    assert "<code>" in page


@pytest.mark.django_db
def test_what_is_installed_is_listed_for_each_runtime_with_its_version(client):
    page = client.get("/installed").content.decode()
    for runtime in RUNTIMES:
        assert f'<h2 id="{runtime.identifier.replace(".", "")}-h">{runtime.label}</h2>' in page
        assert all(f'<td class="mono">{version}</td>' in page for version in runtime.sdk.values())
    assert 'href="/installed"' in client.get("/").content.decode()
