"""Which state walks are asked for."""

import pytest

from sandbox_runner.events.records import ReplayAnswered, ReplayStarted
from sandbox_runner.verdict.evidence.planning import first_plan
from tests.sandbox_runner.verdict.built_runs import BuiltRun


def walks_wanted(*walked):
    """The walks that a run of two requests, the first over its time, still needs after one that came to ``walked``."""
    run = BuiltRun(({"user": "a"}, None), ({"user": "b"}, None)).answered(1, "x", outcome="timeout").answered(2, "x")
    run.add(ReplayStarted(purpose="xray", indexes=(1, 2), round=1, replay=1))
    for index, outcome in enumerate(walked, start=1):
        came_to = ReplayAnswered(purpose="xray", index=index, round=1, replay=1, outcome=outcome, response="x")
        run.add(came_to, None, f"id-{index}")
    run.walked(0)
    if "success" in walked:
        run.walked(2)
    plan, _ = first_plan(run.facts(), 60)
    return [each.indexes for each in plan if each.purpose == "xray"]


@pytest.mark.parametrize(
    ("walked", "wanted"),
    [(("timeout", "success"), []), (("timeout",), [(1, 2)])],
    ids=["played to its end", "cut short"],
)
def test_a_walk_whose_first_request_ran_out_of_time_again_is_not_played_twice(walked, wanted):
    assert walks_wanted(*walked) == wanted
