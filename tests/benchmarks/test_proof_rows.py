"""The handlers that proofs are measured with: a row that cannot be played would be a figure of something else."""

import ast

import pytest

from benchmarks.noise import ANSWERS, CALLERS, scenario_of
from benchmarks.proof_rows import ROWS
from benchmarks.proofs import chosen


@pytest.mark.parametrize("row", [row for row in ROWS if not row.node], ids=lambda row: row.name)
def test_each_handler_can_be_read_and_is_asked_as_often_as_its_row_says(row):
    scenario = row.scenario()
    ast.parse(next(iter(scenario.functions.values())).files["app.py"])
    assert len(list(scenario.requests())) == row.requests


@pytest.mark.parametrize(
    ("name", "run_s", "most_s"),
    [("waits 1 s", 2.0, 6.0), ("at once", 0.1, 1.5), ("computes 0.4 s", 1.0, 8.0), ("200 requests", 9.0, 3.0)],
)
def test_a_verdict_may_take_so_much(name, run_s, most_s):
    (row,) = (each for each in ROWS if each.name == name)
    assert row.most_s(run_s) == most_s


def test_rows_are_chosen_by_a_word_of_their_name():
    assert [row.name for row in chosen(["LOG lines"])] == ["20,000 log lines"]
    assert chosen([]) == ROWS


@pytest.mark.parametrize("name", ANSWERS)
def test_a_handler_that_answers_by_chance_can_be_read_and_knows_both_callers(name):
    scenario = scenario_of(name)
    ast.parse(next(iter(scenario.functions.values())).files["app.py"])
    assert [principal for _, principal, _ in scenario.requests()] == list(CALLERS)
