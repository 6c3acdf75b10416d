"""The fault program sees what it looks for: each invariant, broken on purpose."""

import json
from dataclasses import replace

import pytest

from holdover_client.event_stream import Message
from tests.faults.clients import Accepted, Answer
from tests.faults.faults import BOTH, library
from tests.faults.groups import result_problems, run_problems, stream_problems
from tests.faults.table import ZEROS, Inflicted, Table

ROW = {"id": "x", "status": "finished", "attempts": 1, "failure_messages": ""}
ANSWER = Answer("run", 200, began=10.0, ended=10.1)


class Loud:
    """A set-up whose web process never was away."""

    def was_silent(self, began, ended):
        return False


class Silent(Loud):
    """A set-up whose web process was away all the time."""

    def was_silent(self, began, ended):
        return True


def result(invocations=2, events=4):
    return {
        "invocations": [{"request_id": f"request {number}"} for number in range(invocations)],
        "events": [{"seq": number} for number in range(events)],
    }


def heard(*attempts, end="finished"):
    """A run whose follower heard these attempts, each a list of event numbers, and that ending."""
    messages = []
    for numbers in attempts:
        messages.append(Message("status", "1-0", {"status": "running"}))
        messages.append(Message("events", "1-1", {"events": [{"seq": number} for number in numbers]}))
    return Accepted("x", "", steps=2, at=0.0, messages=messages, done={"status": end} if end else None)


@pytest.mark.parametrize(
    ("row", "excused", "kinds"),
    [
        (ROW, False, []),
        (ROW | {"status": "queued"}, True, ["stuck"]),
        (ROW | {"status": "proving"}, True, ["stuck"]),
        (ROW | {"status": "failed", "failure_messages": "why"}, False, ["failed"]),
        (ROW | {"status": "failed", "failure_messages": "why"}, True, ["excused"]),
        (ROW | {"status": "failed"}, True, ["lost", "excused"]),
        (ROW | {"status": "cancelled"}, True, ["failed"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_run_has_to_end_with_a_result_or_an_excused_reason(row, excused, kinds):
    assert [kind for kind, _ in run_problems(row, excused)] == kinds


def test_a_result_that_was_played_once_is_well():
    assert not list(result_problems(result(), steps=2))


@pytest.mark.parametrize(
    "twice",
    [
        result(invocations=4),
        result() | {"invocations": [{"request_id": "one"}] * 2},
        result() | {"events": [{"seq": 0}, {"seq": 1}, {"seq": 1}]},
        result() | {"events": [{"seq": 1}, {"seq": 0}]},
    ],
    ids=["more invocations", "a request twice", "an event twice", "events out of order"],
)
def test_a_result_that_holds_two_attempts_is_seen(twice):
    assert [kind for kind, _ in result_problems(twice, steps=2)] == ["twice"]


def test_a_stream_of_a_broken_off_and_a_whole_attempt_is_well():
    assert not list(stream_problems(heard([0, 1], [0, 1, 2]), "finished", [0, 1, 2]))


@pytest.mark.parametrize(
    "run",
    [
        heard([0, 1, 2], end=""),
        heard([0, 1, 2], end="failed"),
        heard([0, 2]),
        heard([0, 1, 1, 2]),
        heard([1, 0, 2]),
        heard([0, 1, 2], [2]),
    ],
    ids=["no end", "another end", "a gap", "twice", "out of order", "an attempt without its beginning"],
)
def test_a_stream_that_is_not_whole_is_seen(run):
    assert [kind for kind, _ in stream_problems(run, "finished", [0, 1, 2])] == ["streams"]


@pytest.mark.parametrize(
    ("answer", "setup", "is_well"),
    [
        (ANSWER, Loud(), True),
        (replace(ANSWER, ended=15.2), Loud(), False),
        (replace(ANSWER, ended=15.2), Silent(), True),
        (replace(ANSWER, status=503), Loud(), False),
        (replace(ANSWER, status=503, retry_after="5"), Loud(), True),
        (replace(ANSWER, status=503, kind="readyz"), Loud(), True),
        (replace(ANSWER, status=429), Loud(), False),
        (replace(ANSWER, status=500), Loud(), False),
        (replace(ANSWER, status=500), Silent(), False),
        (replace(ANSWER, status=404), Loud(), False),
        (replace(ANSWER, status=0), Loud(), False),
        (replace(ANSWER, status=0), Silent(), True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Loud) else str(value)[:60],
)
def test_an_answer_has_to_come_in_time_and_say_what_is_away(answer, setup, is_well):
    assert (answer.problem(setup) == "") is is_well


@pytest.mark.parametrize("kind", ZEROS)
def test_whatever_is_not_zero_is_told(kind):
    fault, table = Inflicted("web killed", began=0.0), Table()
    table.add("production", 1, [fault])
    assert table.is_zero

    fault.blame(kind, "what went wrong")
    again = Table()
    again.add("production", 1, [fault])
    assert not again.is_zero
    assert again.problems() == [f"production, seed 1, web killed: {kind}: what went wrong"]


def test_results_of_several_runs_make_one_table():
    fault, one, both = Inflicted("web killed", began=0.0), Table(), Table()
    fault.said["run 503"] += 2
    one.add("production", 1, [fault])
    for _ in range(2):
        both.add_stored(json.loads(json.dumps(one.to_json())))

    assert both.faults == 2
    assert "run 503 x4" in both.markdown()


def test_an_excused_end_is_shown_and_counts_as_none():
    fault, table = Inflicted("one sandbox killed", began=0.0), Table()
    fault.blame("excused", "the sandbox went away")
    table.add("production", 1, [fault])
    assert table.is_zero
    assert table.problems()


def test_each_fault_has_one_meaning_on_each_set_up():
    for setup in BOTH:
        names = [fault.name for fault in library() if setup in fault.setups]
        assert len(names) == len(set(names))
