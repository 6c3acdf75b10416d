"""Handlers whose requests overlap in one environment get the verdict that is right for them."""

import pytest

from tests.leaks.cases import read_cases
from tests.side_by_side import scenarios_to_come

CASES = read_cases("overlapping")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_handler_gets_the_verdict_that_is_right_for_it(engine, case, played, request):
    result = played.result(engine, case.scenario, then=scenarios_to_come(request, "case"))
    assert case.seen(result) == case.expect, case.why
    assert all(each.confidence == "proven" for each in result.findings if each.grade == "leak")
