"""Files and bytes that an earlier request's work wrote, as a replay saw them, in their places in the run."""

import pytest

from sandbox_runner.events.records import LateLine, PeerEvent, PlatformStart, RequestAnswered, StateCaptured
from sandbox_runner.messages import say
from sandbox_runner.proof.late_effects import effects, leaving
from sandbox_runner.verdict.evidence.reading import read_facts
from tests.sandbox_runner.verdict.built_runs import BuiltRun

PORTS = {7000: "backend"}
FILE = LateLine(started_by=1, kind="thread", text="wrote /tmp/audit", effect="file")
SENT = LateLine(started_by=1, kind="thread", text="sent 5 7000", effect="peer")


def run(*received, app="import threading\n"):
    """Two requests in one environment; the peer received that many bytes each time, within the second."""
    built = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), app=app).answered(1, 1).answered(2, 2)
    answered = built.events.pop()
    assert isinstance(answered.record, RequestAnswered)
    built.add(PlatformStart(request_id="id-of-2", version="$LATEST"), "env-1", "id-of-2")
    for count in received:
        built.add(PeerEvent(peer="backend", connection=1, what="received", bytes=count), "env-1")
    return built.add(answered.record, answered.environment, answered.request_id)


def found(built, *late, after=2):
    state = StateCaptured(after_index=after, leaves=(), nodes=0, truncated=False, late=late)
    return list(effects("env-1", [state], (1, 2), built.events, PORTS))


def test_a_file_is_placed_where_its_request_begins():
    built = run()
    ((event, record),) = found(built, FILE)
    (start,) = [each for each in built.events if isinstance(each.record, PlatformStart)]

    assert (event.at_us, event.request_id) == (start.at_us, "id-of-2")
    assert (record.started_by, record.ran_in, record.text, record.effect) == (1, 2, "", "file")
    assert record.done == say("changed-file", how="wrote", path="/tmp/audit")
    assert record.evidence == say("replay-shows-effect", work="thread", request=1, at_peer=False)


def test_a_file_that_is_written_again_and_again_is_said_once():
    assert len(found(run(), FILE, FILE, FILE)) == 1


def test_what_was_sent_is_placed_where_the_peer_received_it():
    built = run(9, 5)
    ((event, record),) = found(built, SENT)

    assert (event.record.bytes, event.request_id, record.text) == (5, "id-of-2", "")
    assert record.done == say("sent-bytes", bytes=5, peer="backend")


def test_each_entry_of_the_peers_log_is_used_once():
    assert len(found(run(5), SENT, SENT)) == 1


@pytest.mark.parametrize(
    ("description", "late"),
    [
        ("the peer received nothing of that size", SENT.model_copy(update={"text": "sent 6 7000"})),
        ("it is no peer's port", SENT.model_copy(update={"text": "sent 5 9"})),
        ("it was not written as we write it", SENT.model_copy(update={"text": "lots of bytes"})),
        ("it is a line", FILE.model_copy(update={"effect": ""})),
        ("the request that started it is not known", FILE.model_copy(update={"started_by": -1})),
        ("it is the request's own", FILE.model_copy(update={"started_by": 2})),
    ],
)
def test_nothing_is_said_where(description, late):
    assert found(run(5), late) == [], description


def test_module_code_may_have_started_it():
    ((_, record),) = found(run(), FILE.model_copy(update={"started_by": 0}))
    assert record.evidence.params["request"] == 0


@pytest.mark.parametrize(
    ("app", "names"),
    [
        ("import threading\n", ("env-1",)),
        ("setTimeout(f, 1)\n", ("env-1",)),
        ("import json\n", ()),
    ],
)
def test_it_is_looked_for_where_the_code_may_leave_work_behind(app, names):
    built = run(app=app)
    assert leaving(built.scenario, read_facts(built.scenario, built.events)) == names


def test_one_request_meets_nobodys_work():
    built = BuiltRun(({"v": 1}, "a"), app="import threading\n").answered(1, 1)
    assert leaving(built.scenario, read_facts(built.scenario, built.events)) == ()
