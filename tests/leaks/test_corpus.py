"""Every handler of both sets, played on a real backend, gets the verdict that is right for it."""

import pytest

from sandbox_runner.engine import Engine
from tests.leaks.cases import read_cases

CASES = read_cases("corpus")
HELD_OUT = read_cases("held_out")


@pytest.fixture(
    scope="module",
    params=[pytest.param("namespace", marks=pytest.mark.namespace), pytest.param("docker", marks=pytest.mark.docker)],
)
def engine(request):
    with Engine(request.param) as engine:
        yield engine


@pytest.mark.parametrize("case", [*CASES, *HELD_OUT], ids=lambda case: case.name)
def test_a_handler_gets_the_verdict_that_is_right_for_it(engine, case):
    assert case.seen(engine.run(case.scenario)) == case.expect, case.why


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
