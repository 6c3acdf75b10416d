"""A handler that patches, kills or lies to the probe is not called clean: the verdict says that it was disturbed."""

import pytest

from sandbox_runner.engine import Engine
from sandbox_runner.results import Verdict
from sandbox_runner.scenario import Scenario
from tests.leaks.disturbers import DISTURBERS


@pytest.fixture(
    scope="module",
    params=[pytest.param("namespace", marks=pytest.mark.namespace), pytest.param("docker", marks=pytest.mark.docker)],
)
def engine(request):
    with Engine(request.param) as engine:
        yield engine


def of(disturbers):
    return pytest.mark.parametrize("disturber", disturbers, ids=lambda disturber: disturber.id)


@of([each for each in DISTURBERS if each.says])
def test_a_handler_that_disturbs_the_probe_is_not_called_clean(engine, disturber):
    result = engine.run(Scenario.model_validate(disturber.scenario()))
    (xray,) = (check for check in result.checks if check.oracle == "xray")

    assert result.verdict is not Verdict.CLEAN, result.verdict_sentence
    assert not xray.done
    assert xray.detail.startswith("The probe was disturbed, so what it says of the state proves nothing.")
    assert disturber.says in xray.detail


@of([each for each in DISTURBERS if not each.says])
def test_what_does_not_reach_the_probe_does_not_disturb_it(engine, disturber):
    result = engine.run(Scenario.model_validate(disturber.scenario()))
    (xray,) = (check for check in result.checks if check.oracle == "xray")

    assert result.verdict is Verdict.CLEAN, f"{result.verdict_sentence} {xray.detail}"
    assert xray.done, xray.detail
