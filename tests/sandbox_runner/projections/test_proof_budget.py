"""What a proof used of its budget."""

from sandbox_runner.events.records import Event, ProofStarted, ProofStopped, ReplayAnswered, ReplayStarted, RunFinished
from sandbox_runner.messages import say
from sandbox_runner.projections.proof_budget import proof_result
from sandbox_runner.results.parts import ProofResult

BUDGET = ProofStarted(seconds=10, replays=60)
REPLAY = ReplayStarted(purpose="history", indexes=(2,), round=1)
ANSWER = ReplayAnswered(purpose="history", index=2, round=1, outcome="success", response="1")


def log(*timed):
    return [
        Event(seq=seq, at_us=at_us, service_at_us=at_us, record=record) for seq, (at_us, record) in enumerate(timed, 1)
    ]


def test_a_run_without_a_proof_used_nothing():
    assert proof_result(log((0, RunFinished(reason="done")))) is None


def test_replays_and_seconds_are_counted_from_where_the_proof_began():
    events = log(
        (2_000_000, BUDGET), (2_100_000, REPLAY), (2_900_000, ANSWER), (3_000_000, REPLAY), (3_400_000, ANSWER)
    )
    assert proof_result(events) == ProofResult(replays=2, replays_max=60, seconds=1.4, seconds_max=10)


def test_what_comes_after_the_last_replay_is_not_the_proofs():
    events = log((0, BUDGET), (10, REPLAY), (500_000, ANSWER), (9_000_000, RunFinished(reason="done")))
    assert proof_result(events).seconds == 0.5


def test_a_proof_that_was_stopped_says_why():
    stopped = ProofStopped(played=1, wanted=40, why=say("seconds-used-up", seconds=10.0))
    assert proof_result(log((0, BUDGET), (10, REPLAY), (10_000_000, stopped))).stopped == stopped.why


def test_a_proof_that_went_on_has_what_was_used_before_and_what_it_was_given_then():
    stopped = ProofStopped(played=1, wanted=40, why=say("stopped-on-request"))
    events = log((0, BUDGET), (10, REPLAY), (4_000_000, stopped), (9_000_000, BUDGET), (9_000_010, REPLAY))
    assert proof_result(events) == ProofResult(replays=2, replays_max=61, seconds=4.00001, seconds_max=14)
