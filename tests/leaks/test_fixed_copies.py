"""A fixed copy of a handler of the corpus is clean on a real backend."""

from dataclasses import replace

import pytest

from tests.leaks.fixed_copies import CASES, FIXED, fix_for
from tests.side_by_side import scenarios_to_come

# One for each language; the matrix plays the others as well.
IN_THE_SUITE = ("python-environment-variable", "node-context-store")


def _fixed(name):
    scenario = CASES[name].scenario
    fixed = replace(CASES[name], scenario=scenario.with_files(scenario.function.name, fix_for(name).files))
    return pytest.param(fixed, id=name, marks=[] if name in IN_THE_SUITE else pytest.mark.matrix)


@pytest.mark.parametrize("fixed", map(_fixed, FIXED))
def test_a_fixed_copy_is_clean(engine, fixed, played, request):
    result = played.result(engine, fixed.scenario, then=scenarios_to_come(request, "fixed"))
    assert (result.verdict.value, [each.kind for each in result.findings]) == ("clean", [])
