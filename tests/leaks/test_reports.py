"""Sets of handlers made from public reports, each by somebody who had not read how a verdict is reached."""

import warnings
from collections import Counter
from itertools import chain

import pytest

from tests.leaks.reports import ASPECTS, SETS, folder_of, read_reported

REPORTED = {name: read_reported(name) for name in SETS}
# The share of the leaks of which each has to be right.
BOUNDS = {"proven": 0.98, "place": 0.95, "line": 0.90}


each_set = pytest.mark.parametrize("name", SETS)


def _leaks(cases):
    return [case for case in cases if case.verdict == "leak"]


def _results(engine, played, name):
    scenarios = [case.scenario for case in REPORTED[name]]
    results = [played.result(engine, each, then=scenarios[at:]) for at, each in enumerate(scenarios, start=1)]
    return list(zip(REPORTED[name], results, strict=True))


@pytest.mark.matrix
@each_set
def test_none_of_the_reported_handlers_is_accused_falsely(engine, played, name):
    assert [case.name for case, result in _results(engine, played, name) if case.is_accused_falsely(result)] == []


@pytest.mark.matrix
@each_set
def test_of_the_reported_leaks_who_wrote_and_read_is_told_with_place_and_line(engine, played, name):
    missed = {case.name: case.missed(result) for case, result in _results(engine, played, name)}
    # What is not asserted is in the summary of the run, however it was divided among processes.
    warnings.warn(_told(engine.backend_name, name, missed), stacklevel=1)
    leaks = _leaks(REPORTED[name])
    right = {aspect: sum(aspect not in missed[case.name] for case in leaks) for aspect in BOUNDS}
    assert {aspect for aspect, bound in BOUNDS.items() if right[aspect] < bound * len(leaks)} == set()


@pytest.mark.parametrize(("name", "each", "leaks"), [*((name, 20, 30) for name in SETS[:3]), ("reported-4", 5, 8)])
def test_the_reported_handlers_are_in_both_languages_and_some_of_them_let_nothing_out(name, each, leaks):
    languages = Counter(case.scenario.function.runtime[:4] for case in REPORTED[name])
    assert languages == {"pyth": each, "node": each}
    assert len(_leaks(REPORTED[name])) == leaks


def test_no_report_has_two_handlers():
    reports = Counter(case.report for case in chain.from_iterable(REPORTED.values()))
    assert [report for report, handlers in reports.items() if handlers > 1] == []


@pytest.mark.parametrize("case", _leaks(chain.from_iterable(REPORTED.values())), ids=lambda case: case.name)
def test_what_is_expected_of_a_reported_handler_stands_in_its_code(case):
    assert [len(case.stands_at(text)) for text in case.lines] == [1] * len(case.lines)
    assert case.lines
    assert case.places


@each_set
def test_each_reported_handler_is_in_the_table_with_its_report(name):
    table = folder_of(name).joinpath("README.md").read_text()
    rows = [line.split(" | ")[:2] for line in table.splitlines() if line.startswith("| `")]
    assert rows == [[f"| `{case.name}`", f"<{case.report}>"] for case in REPORTED[name]]


def _told(backend, name, missed):
    """How many of each aspect were right, and every miss with what was seen."""
    counts = {"verdict": len(missed)} | dict.fromkeys(ASPECTS[1:], len(_leaks(REPORTED[name])))
    right = {aspect: of - sum(aspect in misses for misses in missed.values()) for aspect, of in counts.items()}
    lines = [
        f"\n{name} on {backend}: " + ", ".join(f"{aspect} {right[aspect]} of {of}" for aspect, of in counts.items())
    ]
    lines += [f"  {case}: {misses}" for case, misses in missed.items() if misses]
    return "\n".join(lines)
