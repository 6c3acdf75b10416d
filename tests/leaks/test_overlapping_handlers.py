"""Handlers whose requests overlap in one environment get the verdict that is right for them."""

import pytest

from tests.leaks.cases import read_cases
from tests.side_by_side import scenarios_to_come

CASES = read_cases("overlapping")
# The others take as long, and differ in the handler's code alone.
ALWAYS = ("node-module-variable", "node-clean-async-storage", "python-clean-module-variable")


def _played(case):
    return pytest.param(case, id=case.name, marks=() if case.name in ALWAYS else pytest.mark.matrix)


@pytest.mark.parametrize("case", [_played(case) for case in CASES])
def test_a_handler_gets_the_verdict_that_is_right_for_it(engine, case, played, request):
    result = played.result(engine, case.scenario, then=scenarios_to_come(request, "case"))
    assert case.seen(result) == case.expect, case.why
    assert all(each.confidence == "proven" for each in result.findings if each.grade == "leak")


def test_the_set_has_both_languages_and_both_kinds():
    kinds = {(case.scenario.function.runtime[:4], case.expect["verdict"]) for case in CASES}
    assert kinds == {("pyth", "leak"), ("pyth", "clean"), ("node", "leak"), ("node", "clean")}
    assert len(CASES) >= 12
