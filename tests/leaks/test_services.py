"""Handlers that keep what came by way of an AWS service, and others that only pass it on, get the right verdict.

The matrix plays them; four of their kind, of a table, are in the corpus.
"""

import pytest

from tests.leaks.cases import read_cases
from tests.side_by_side import scenarios_to_come

CASES = read_cases("services")


@pytest.mark.matrix
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_handler_beside_services_gets_the_verdict_that_is_right_for_it(engine, case, played, request):
    result = played.result(engine, case.scenario, then=scenarios_to_come(request, "case"))
    assert case.seen(result) == case.expect, case.why


def test_there_are_handlers_beside_services_of_both_kinds_and_languages():
    with_accounts = [*CASES, *(case for case in read_cases("corpus") if case.scenario.account is not None)]
    assert len(with_accounts) >= 20
    kinds = {(case.scenario.function.runtime[:4], case.expect["verdict"]) for case in with_accounts}
    assert kinds == {("pyth", "leak"), ("node", "leak"), ("pyth", "clean"), ("node", "clean")}
