"""The search for late work: what is played for it, what is recorded, and what a run shows of it."""

import asyncio

import pytest

from sandbox_runner.errors import SandboxLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import EnvironmentFrozen, EnvironmentThawed, LateLine, LateWork, StateCaptured
from sandbox_runner.messages import say
from sandbox_runner.projections.late_work import late_work
from sandbox_runner.proof.late_work import RECORDS_MAX, find_late_work
from sandbox_runner.proof.replays import ProofBudget, Replay
from tests.fakes.clock import FakeClock
from tests.sandbox_runner.verdict.built_runs import BuiltRun


class ScriptedReplayer:
    """Says of every replay that request 1's thread wrote ``lines`` in request 2."""

    def __init__(self, *lines, problem=None, delay=0.0):
        self.played = []
        self._late = tuple(LateLine(started_by=1, kind="thread", text=line) for line in lines)
        self._problem, self._delay = problem, delay

    async def play(self, requests, *, probe, purpose, round, waits=()):  # noqa: A002 - the contract's name
        self.played.append((tuple(request.index for request in requests), probe))
        await asyncio.sleep(self._delay)
        if self._problem:
            raise self._problem
        state = StateCaptured(after_index=2, leaves=(), nodes=0, truncated=False, late=self._late)
        return Replay(purpose, round, (), (state,))


def searched(replayer, *lines, seconds=10.0, replays=2, walked=(), waits_us=0):
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b")).answered(1, 1)
    run.add(EnvironmentFrozen(processes=1), "env-1", "id-of-1")
    run.events[-1] = run.events[-1].model_copy(update={"at_us": run.events[-1].at_us - waits_us})
    run.add(EnvironmentThawed(processes=1), "env-1", "id-of-2")
    run.answered(2, 2, log=lines).alone(2, 2, 2)
    for state in walked:
        run.add(state, "env-1")
    log = EventLog(FakeClock())
    for event in run.events:
        log.append(event.record, environment=event.environment, request_id=event.request_id, at_us=event.at_us)
    asyncio.run(find_late_work(run.scenario, log, replayer, ProofBudget(seconds, replays)))
    return log


def records(log):
    return [event.record for event in log.events if isinstance(event.record, LateWork)]


def test_where_nothing_is_suspicious_nothing_is_played():
    replayer = ScriptedReplayer()
    log = searched(replayer)

    assert (replayer.played, records(log)) == ([], [])


def test_the_environments_requests_are_played_once_more_with_the_probe():
    replayer = ScriptedReplayer("audit")
    searched(replayer, "audit")

    assert replayer.played == [((1, 2), True)]


@pytest.mark.parametrize(("waits_us", "played"), [(0, []), (30_000, [((1, 2), True)])])
def test_the_verdict_s_own_walk_tells_it_where_the_run_waited_for_nothing(waits_us, played):
    replayer = ScriptedReplayer("audit")
    late = (LateLine(started_by=1, kind="thread", text="audit"),)
    walks = [StateCaptured(after_index=index, leaves=(), nodes=0, truncated=False, late=late) for index in (1, 2)]
    log = searched(replayer, "audit", walked=walks, waits_us=waits_us)
    assert replayer.played == played
    assert [(record.started_by, record.ran_in) for record in records(log)] == [(1, 2)]


def test_a_late_line_is_recorded_where_and_when_it_came_out():
    log = searched(ScriptedReplayer("audit"), "audit")
    (late,) = [event for event in log.events if isinstance(event.record, LateWork)]
    (line,) = [event for event in log.events if getattr(event.record, "text", None) == "audit"][:1]

    assert (late.environment, late.request_id, late.at_us) == ("env-1", "id-of-2", line.at_us)
    assert (late.record.started_by, late.record.ran_in, late.record.kind) == (1, 2, "thread")
    assert late.record.evidence == say("replay-shows-work", work="thread", request=1)


def test_a_result_shows_the_work_from_its_freeze_to_its_line():
    log = searched(ScriptedReplayer("audit"), "audit")
    (shown,) = late_work(log.events)
    (frozen,) = [event.at_us for event in log.events if isinstance(event.record, EnvironmentFrozen)]

    assert (shown.started_by, shown.ran_in, shown.frozen_us) == (1, 2, frozen)
    assert shown.at_us > frozen


def test_a_replay_that_takes_too_long_is_given_up():
    assert records(searched(ScriptedReplayer("audit", delay=5.0), "audit", seconds=0.02)) == []


def test_without_a_budget_nothing_is_played():
    replayer = ScriptedReplayer("audit")
    searched(replayer, "audit", replays=0)

    assert replayer.played == []


def test_what_is_recorded_is_bounded():
    lines = [f"line {number}" for number in range(2 * RECORDS_MAX)]

    assert len(records(searched(ScriptedReplayer(*lines), *lines))) == RECORDS_MAX


def test_a_failure_of_ours_is_raised():
    with pytest.raises(SandboxLost):
        searched(ScriptedReplayer(problem=SandboxLost("gone")), "audit")
