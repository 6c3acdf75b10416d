"""Every handler of both sets, played on a real backend, gets the verdict that is right for it."""

import pytest

from tests.leaks import on_docker
from tests.leaks.cases import read_cases
from tests.side_by_side import scenarios_to_come

CASES = read_cases("corpus")
HELD_OUT = read_cases("held_out")
# Of the held-out set those whose kind of place the corpus has too, in the same language.
AS_IN_THE_CORPUS = (
    "node-env-mutation",
    "python-fixed-temp-name",
    "python-patched-clock",
    "python-session-headers",
    "python-sqlite-temp",
)


def _played(case):
    return pytest.param(case, marks=pytest.mark.matrix if case.name in AS_IN_THE_CORPUS else ())


@pytest.mark.parametrize("case", map(_played, [*CASES, *HELD_OUT]), ids=[case.name for case in (*CASES, *HELD_OUT)])
def test_a_handler_gets_the_verdict_that_is_right_for_it(engine, case, played, request):
    result = played.result(engine, case.scenario, then=scenarios_to_come(request, "case"))
    assert case.seen(result) == case.expect, case.why


def test_what_is_repeated_on_docker_exists_and_is_of_the_language_that_is_said():
    runtimes = {case.name: case.scenario.function.runtime for case in CASES}
    of_python, of_node = (set(filter(None, names)) for names in zip(*on_docker.BY_WAY.values(), strict=True))
    assert {runtimes[name] for name in of_python} == {"python3.13"}
    assert {runtimes[name] for name in of_node} == {"nodejs22.x", "nodejs24.x"}


def test_the_corpus_has_leaks_and_handlers_that_only_look_like_it_in_both_languages():
    verdicts = [(case.scenario.function.runtime[:4], case.expect["verdict"]) for case in CASES]
    assert len(CASES) >= 80
    assert {("pyth", "leak"), ("node", "leak"), ("pyth", "clean"), ("node", "clean")} <= set(verdicts)
    assert sum(verdict != "leak" for _, verdict in verdicts) >= 25


def test_the_held_out_set_has_handlers_of_both_kinds():
    verdicts = [case.expect["verdict"] for case in HELD_OUT]
    assert len(HELD_OUT) >= 30
    assert verdicts.count("clean") >= 12
    assert not {case.name for case in HELD_OUT} & {case.name for case in CASES}
