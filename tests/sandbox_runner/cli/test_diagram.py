"""The drawing of the lifecycle, and that the document holds the newest one."""

import pytest

from sandbox_runner.cli import diagram
from sandbox_runner.rules.lifecycle import TRANSITIONS, State, Trigger


def test_the_document_is_up_to_date():
    text = diagram.DOCUMENT.read_text(encoding="utf-8")
    assert diagram.redraw(text) == text, "docs/lifecycle.md is stale: run `make diagram`"


def test_the_diagram_has_one_arrow_for_each_row_of_the_table_and_two_for_the_ends():
    arrows = [line for line in diagram.mermaid().splitlines() if "-->" in line]
    assert len(arrows) == sum(len(row) for row in TRANSITIONS.values()) + 2


def test_an_arrow_reads_as_its_row():
    assert "    invoking --> resetting: invoke_timed_out" in diagram.mermaid().splitlines()


def test_the_table_has_every_trigger_and_every_state():
    rows = [line.split("|")[1:-1] for line in diagram.table().splitlines()]
    assert [cell.strip() for cell in rows[0][1:]] == list(State)
    assert [row[0].strip(" `") for row in rows[2:]] == list(Trigger)


def test_redrawing_keeps_the_prose():
    drawn = diagram.redraw(f"before\n{diagram.BEGIN}old{diagram.END}\nafter")
    assert drawn.startswith("before\n")
    assert drawn.endswith("\nafter")
    assert "old" not in drawn


def test_redrawing_twice_changes_nothing():
    once = diagram.redraw(f"{diagram.BEGIN}{diagram.END}")
    assert diagram.redraw(once) == once


@pytest.mark.parametrize(
    "document",
    ["", diagram.BEGIN, diagram.END + diagram.BEGIN, (diagram.BEGIN + diagram.END) * 2],
    ids=["no marker", "no end", "wrong order", "twice"],
)
def test_a_document_without_its_markers_is_refused(document):
    with pytest.raises(ValueError, match="once each and in this order"):
        diagram.redraw(document)
