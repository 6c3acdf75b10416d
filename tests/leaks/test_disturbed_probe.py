"""A handler that patches, kills or lies to the probe is not called clean: the verdict says that it was disturbed."""

import pytest

from sandbox_runner.messages import render_all
from sandbox_runner.results.model import Verdict
from tests.leaks import on_docker
from tests.leaks.disturbers import DISTURBERS
from tests.side_by_side import scenarios_to_come
from tests.told import codes, sentence


def of(disturbers):
    return pytest.mark.parametrize("disturber", disturbers, ids=lambda disturber: disturber.id)


@of([each for each in DISTURBERS if each.says])
def test_a_handler_that_disturbs_the_probe_is_not_called_clean(engine, disturber, played, request):
    result = played.result(engine, disturber.scenario, then=scenarios_to_come(request, "disturber"))
    (xray,) = (check for check in result.checks if check.oracle == "xray")

    assert result.verdict is not Verdict.CLEAN, render_all(result.verdict_messages)
    assert not xray.done
    assert codes(xray) == ("probe-disturbed-after",)
    assert disturber.says in sentence(xray)


@of([each for each in DISTURBERS if not each.says])
def test_what_does_not_reach_the_probe_does_not_disturb_it(engine, disturber, played, request):
    result = played.result(engine, disturber.scenario, then=scenarios_to_come(request, "disturber"))
    (xray,) = (check for check in result.checks if check.oracle == "xray")

    assert result.verdict is Verdict.CLEAN, f"{render_all(result.verdict_messages)} {sentence(xray)}"
    assert xray.done, sentence(xray)


def test_what_is_repeated_on_docker_exists():
    assert {each.id for each in DISTURBERS} >= on_docker.DISTURBERS
