"""The ledger's document as a page."""

from __future__ import annotations

import pytest

from playground.fidelity.document import Span, line, read_ledger
from playground.fidelity.ledger_page import ledger_page
from playground.fidelity.views import behaviours, ledger
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


ROWS = """\
# Accuracy vs AWS

## Phases

| behaviour | state | here | source | test |
|---|---|---|---|---|
| <a id="init"></a>Init runs | emulated | so | <https://docs.aws.amazon.com/lambda/dg/snapstart.html> | `a::b`, `c::d` |
| <a id="exit"></a>Exits | absent | | aws/aws-lambda-runtime-interface-emulator: internal/lambda/rapid/exit.go | |
| <a id="issue"></a>Issues | absent | | a/cargo: issue 572, <https://github.com/aws/dart/issues/20> | |
"""


def test_the_page_counts_states_and_shows_one_of_them_alone():
    page = ledger_page(read_ledger(ROWS), "absent", {"exit": "終了"})
    assert (page.all, page.counts) == (3, (("emulated", 1), ("approximated", 0), ("absent", 2)))
    assert [(row.anchor, row.translated) for row in page.sections[0].rows] == [("exit", "終了"), ("issue", "")]
    assert len(ledger_page(read_ledger(ROWS), "nonsense", {}).sections[0].rows) == 3


def test_sources_have_short_names_and_tests_are_counted():
    rows = ledger_page(read_ledger(ROWS), "", {}).sections[0].rows
    assert rows[0].tests == ("a::b", "c::d")
    assert [(source.name, source.address) for row in rows for source in row.sources] == [
        ("snapstart", "https://docs.aws.amazon.com/lambda/dg/snapstart.html"),
        (
            "exit.go",
            "https://github.com/aws/aws-lambda-runtime-interface-emulator/tree/HEAD/internal/lambda/rapid/exit.go",
        ),
        ("cargo #572", "https://github.com/a/cargo/issues/572"),
        ("dart #20", "https://github.com/aws/dart/issues/20"),
    ]


def test_every_row_of_the_project_s_own_ledger_has_a_source_with_a_name():
    rows = [row for section in ledger_page(ledger(), "", {}).sections for row in section.rows]
    nameless = [row.anchor for row in rows if not row.sources or not all(len(one.name) < 60 for one in row.sources)]
    assert nameless == []


def test_behaviours_in_japanese_are_of_rows_and_stand_on_the_japanese_page():
    rows = {row.anchor for section in ledger().sections for row in section.rows}
    headings = {f"{what}-{section.anchor}" for section in ledger().sections for what in ("section", "text")}
    assert set(behaviours("ja")) <= rows | headings
    assert behaviours("en") == behaviours("../ja") == {}


@pytest.mark.django_db
def test_a_page_in_japanese_says_each_behaviour_in_japanese_and_the_rest_in_english(client):
    page = client.get("/fidelity?state=absent", headers={"Accept-Language": "ja"}).text
    assert behaviours("ja")["restore-api"] in page
    assert behaviours("ja")["section-phases"] in page
    assert behaviours("ja")["text-accuracy-vs-aws"] in page
    assert "What Lambda does, whether" not in page
    assert "What the verdict cannot see" not in page
    assert '<tr id="init"' not in page
