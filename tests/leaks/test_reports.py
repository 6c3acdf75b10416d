"""Forty handlers made from public reports, by somebody who had not read how a verdict is reached."""

import warnings
from collections import Counter
from pathlib import Path

import pytest

from tests.leaks.reports import ASPECTS, read_reported

REPORTED = read_reported()
LEAKS = [case for case in REPORTED if case.verdict == "leak"]
# The share of the leaks of which each has to be right.
BOUNDS = {"proven": 0.98, "place": 0.95, "line": 0.90}


@pytest.mark.matrix
def test_none_of_the_reported_handlers_is_accused_falsely_and_the_leaks_are_told_right(engine, played):
    results = [played.result(engine, case.scenario, then=_after(case)) for case in REPORTED]
    accused = [case.name for case, result in zip(REPORTED, results, strict=True) if case.is_accused_falsely(result)]
    missed = {case.name: case.missed(result) for case, result in zip(REPORTED, results, strict=True)}
    # What is not asserted is in the summary of the run, however it was divided among processes.
    warnings.warn(_told(engine.backend_name, missed), stacklevel=1)
    assert accused == []
    right = {aspect: sum(aspect not in missed[case.name] for case in LEAKS) for aspect in BOUNDS}
    assert {aspect for aspect, bound in BOUNDS.items() if right[aspect] < bound * len(LEAKS)} == set()


def test_there_are_forty_reported_handlers_in_both_languages_and_ten_of_them_let_nothing_out():
    languages = Counter(case.scenario.function.runtime[:4] for case in REPORTED)
    assert languages == {"pyth": 20, "node": 20}
    assert len(LEAKS) == 30


@pytest.mark.parametrize("case", LEAKS, ids=lambda case: case.name)
def test_what_is_expected_of_a_reported_handler_stands_in_its_code(case):
    assert [len(case.stands_at(text)) for text in case.lines] == [1] * len(case.lines)
    assert case.lines
    assert case.places


def test_each_reported_handler_is_in_the_table_with_its_report():
    table = Path(__file__).with_name("reported").joinpath("README.md").read_text()
    rows = [line.split(" | ")[:2] for line in table.splitlines() if line.startswith("| `")]
    assert rows == [[f"| `{case.name}`", f"<{case.report}>"] for case in REPORTED]


def _after(case):
    return [each.scenario for each in REPORTED[REPORTED.index(case) + 1 :]]


def _told(backend, missed):
    """How many of each aspect were right, and every miss with what was seen."""
    counts = {"verdict": len(REPORTED)} | dict.fromkeys(ASPECTS[1:], len(LEAKS))
    right = {aspect: of - sum(aspect in misses for misses in missed.values()) for aspect, of in counts.items()}
    lines = [f"\n{backend}: " + ", ".join(f"{aspect} {right[aspect]} of {of}" for aspect, of in counts.items())]
    lines += [f"  {name}: {misses}" for name, misses in missed.items() if misses]
    return "\n".join(lines)
