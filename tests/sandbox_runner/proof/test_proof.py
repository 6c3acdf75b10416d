"""Which replays are asked for, in which order, and what is recorded of them."""

import asyncio

import pytest

from sandbox_runner.errors import SandboxLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import ProofStopped, ReplayAnswered, ReplayStarted, StateCaptured, StateLeaf
from sandbox_runner.messages import say
from sandbox_runner.proof.player import LOG_CHARACTERS_MAX, LOG_LINES_MAX, STATE_CHARACTERS_MAX
from sandbox_runner.proof.prover import prove
from sandbox_runner.proof.replays import ProofBudget, Replay, ReplayAnswer
from sandbox_runner.verdict.evidence.planning import BATCHES
from sandbox_runner.verdict.judge import judge
from tests.fakes.clock import FakeClock
from tests.sandbox_runner.verdict.built_runs import BuiltRun


class ScriptedReplayer:
    """Answers request n with what ``answers`` says for n requests in a row; walks what it is told."""

    def __init__(self, answer=lambda indexes: "x", leaves=(), lines=(), delay=0.0):
        self.played = []
        self._answer, self._leaves, self._lines, self._delay = answer, leaves, lines, delay

    async def play(self, requests, *, probe, purpose, round, restored=()):  # noqa: A002 - the contract's name
        await asyncio.sleep(self._delay)
        indexes = tuple(request.index for request in requests)
        self.played.append((purpose, indexes, round, probe))
        answers = tuple(
            ReplayAnswer(index, f"replay-{index}", "success", "", self._answer(indexes), log=self._lines)
            for index in indexes
        )
        walked = (0, *indexes) if probe else ()
        states = tuple(StateCaptured(after_index=i, leaves=self._leaves, nodes=1, truncated=False) for i in walked)
        return Replay(purpose, round, answers, states)


def proved(run: BuiltRun, replayer: ScriptedReplayer, *, seconds=10.0, replays=60) -> EventLog:
    log = EventLog(FakeClock())
    for event in run.events:
        log.append(event.record, environment=event.environment, request_id=event.request_id)
    asyncio.run(prove(run.scenario, log, replayer, ProofBudget(seconds, replays)))
    return log


def records(log, kind):
    return [event.record for event in log.events if isinstance(event.record, kind)]


def three(answers=("x", "x", "x"), log=()) -> BuiltRun:
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), ({"v": 3}, "a"))
    for index, answer in enumerate(answers, start=1):
        run.answered(index, answer, log=log)
    return run


def test_every_request_that_followed_is_replayed_alone_twice_with_the_walk_in_between_and_at_last_all_backwards():
    replayer = ScriptedReplayer(lambda _: '"x"')
    proved(three(), replayer)
    assert replayer.played == [
        ("history", (2,), 1, False),
        ("history", (3,), 1, False),
        ("xray", (1, 2, 3), 1, True),
        ("history", (2,), 2, False),
        ("history", (3,), 2, False),
        ("history", (1,), 1, False),
        ("history", (3, 2, 1), 1, False),
    ]


@pytest.mark.parametrize(("timeouts", "walked"), [(1, 1), (2, 2)])
def test_a_walk_through_several_timeouts_comes_after_every_comparison(timeouts, walked):
    """It takes each of them once more, and may take all of the time there is."""
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), ({"v": 3}, "a"))
    for index in (1, 2, 3):
        run.answered(index, "x", outcome="timeout" if index <= timeouts else "success")
    replayer = ScriptedReplayer(lambda _: '"x"')
    proved(run, replayer)
    purposes = [purpose for purpose, indexes, _, _ in replayer.played if indexes in ((1, 2, 3), (3,))]
    assert purposes.index("xray") == walked


def test_a_request_alone_asks_for_nothing():
    replayer = ScriptedReplayer()
    log = proved(BuiltRun(({"v": 1}, "a")).answered(1, "x"), replayer)
    assert replayer.played == []
    assert not records(log, ProofStopped)


def test_equal_payloads_are_replayed_once_for_all():
    run = BuiltRun(*(({"v": "same"}, f"t{n}") for n in range(50)))
    for index in range(1, 51):
        run.answered(index, "x")
    replayer = ScriptedReplayer(lambda _: '"x"')
    proved(run, replayer)
    purposes = [purpose for purpose, *_ in replayer.played]
    assert purposes == ["history", "xray", "history", "interference", "interference"]


def test_an_answer_that_differs_is_played_again_alone_and_after_its_history_in_turn():
    replayer = ScriptedReplayer(lambda indexes: '"other"' if len(indexes) == 1 else '"x"')
    proved(BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b")).answered(1, "x").answered(2, "x"), replayer)
    first, second = (
        [("history", indexes, number, False) for number in rounds for indexes in ((1, 2), (2,))] for rounds in BATCHES
    )
    assert replayer.played[3:9] == first
    searched = [place for place, played in enumerate(replayer.played) if played[0] == "interference"]
    # A search may explain it, so that the rest is spared.
    assert replayer.played[max(searched) + 1 :][: len(second)] == second


@pytest.mark.parametrize("refuted_in", range(3, 9))
def test_a_coin_that_fell_as_history_would_have_it_is_refuted_by_one_round_and_costs_no_later_batch(refuted_in):
    def coin(indexes):
        rounds = 1 + [played[1] for played in replayer.played].count((1, 2))
        return '"heads"' if len(indexes) == 1 or rounds >= refuted_in else '"tails"'

    replayer = ScriptedReplayer(coin)
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b")).answered(1, "heads").answered(2, "tails")
    log = proved(run, replayer)
    assert judge(run.scenario, log.events).verdict == "clean"
    assert max(number for _, indexes, number, _ in replayer.played if indexes == (1, 2)) == (5 if refuted_in < 6 else 8)


def test_an_answer_that_holds_another_s_value_needs_no_second_playing_of_its_history():
    run = BuiltRun(({"v": "alice-7Qx"}, "a"), ({"v": 2}, "b")).answered(1, "x").answered(2, "alice-7Qx")
    replayer = ScriptedReplayer(lambda _: '"x"')
    proved(run, replayer)
    assert [purpose for purpose, *_ in replayer.played].count("history") == 2


def test_what_came_of_a_replay_is_recorded_under_its_own_request_and_the_run_s_environment():
    leaves = (StateLeaf(root="python-module", carrier="app.x", path="app.x", kind="str", value="v"),)
    run = three(log=("line",))
    log = proved(run, ScriptedReplayer(lambda _: '"x"', leaves=leaves, lines=("line",)))
    assert [record.indexes for record in records(log, ReplayStarted)] == [
        *((2,), (3,), (1, 2, 3), (2,), (3,)),
        *((1,), (3, 2, 1)),
    ]
    answered = [event for event in log.events if isinstance(event.record, ReplayAnswered)]
    assert answered[0].request_id == "replay-2"
    assert answered[0].record.log == ("line",)
    walks = [event for event in log.events if isinstance(event.record, StateCaptured)]
    assert [(event.environment, event.record.after_index) for event in walks] == [("env-1", n) for n in range(4)]
    assert walks[0].record.leaves == leaves


def test_the_number_of_replays_is_kept_and_what_is_missing_is_said():
    run = BuiltRun(*(({"v": n}, f"t{n}") for n in range(200)))
    for index in range(1, 201):
        run.answered(index, "x")
    replayer = ScriptedReplayer(lambda _: '"x"')
    log = proved(run, replayer, replays=20)
    assert len(replayer.played) <= 20
    (stopped,) = records(log, ProofStopped)
    assert (stopped.played, stopped.wanted) == (len(replayer.played), 1 + 2 * 199)


def test_the_time_is_kept_and_what_is_missing_is_said():
    replayer = ScriptedReplayer(delay=0.05)
    log = proved(three(), replayer, seconds=0.12)
    (stopped,) = records(log, ProofStopped)
    assert stopped.played == len(replayer.played) < stopped.wanted
    assert stopped.why == say("seconds-used-up", seconds=0.12)


def test_a_sandbox_that_fails_is_our_failure():
    class Lost(ScriptedReplayer):
        async def play(self, requests, *, probe, purpose, round, restored=()):  # noqa: A002 - the contract's name
            raise SandboxLost("gone")

    with pytest.raises(SandboxLost):
        proved(three(), Lost())


def test_a_request_that_timed_out_is_not_replayed_alone():
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b")).answered(1, "x").answered(2, "x", outcome="timeout")
    replayer = ScriptedReplayer()
    proved(run, replayer)
    assert [purpose for purpose, *_ in replayer.played] == ["xray"]


def test_a_flood_of_lines_is_cut():
    log = proved(three(), ScriptedReplayer(lambda _: '"x"', lines=("y" * 1000,) * 1000))
    line = records(log, ReplayAnswered)[0].log
    assert len(line) <= LOG_LINES_MAX
    assert sum(map(len, line)) <= LOG_CHARACTERS_MAX


def test_walks_that_would_fill_the_result_keep_their_numbers_only():
    huge = StateLeaf(
        root="python-module", carrier="app.x", path="app.x", kind="str", value="v" * (STATE_CHARACTERS_MAX // 2)
    )
    log = proved(three(), ScriptedReplayer(lambda _: '"x"', leaves=(huge,)))
    walks = records(log, StateCaptured)
    assert [bool(walk.leaves) for walk in walks] == [True, False, False, False]
    assert [walk.truncated for walk in walks] == [False, True, True, True]
