"""The leading finding is proven before the answers of other requests are compared."""

import pytest

from sandbox_runner.events.records import ProofStopped, ReplayStarted
from tests.sandbox_runner.verdict.played_handlers import proved


def keeps_the_first():
    kept = {}
    return lambda payload, _log: {"user": kept.setdefault("user", payload["user"])}


def keeps_the_last():
    kept = {}

    def handler(payload, _log):
        before, kept["user"] = kept.get("user"), payload["user"]
        return {"before": before if payload.get("asks") else None}

    return handler


def tenants(count, **more):
    return [({"user": f"tenant-{number}-{number * 7919:05x}", **more}, None) for number in range(1, count + 1)]


def started(events):
    return [event.record for event in events if isinstance(event.record, ReplayStarted)]


@pytest.mark.parametrize("requests", [3, 10, 50])
def test_the_first_reader_and_its_writer_are_all_that_is_played_until_the_leak_is_proven(requests):
    judged, _, events = proved(keeps_the_first, *tenants(requests))
    assert (judged.findings[0].confidence, judged.findings[0].reproduces_with) == ("proven", (1, 2))
    proof = started(events)[:7]
    assert {record.indexes for record in proof} == {(2,), (1, 2)}
    assert [record.purpose for record in proof].count("interference") == 4


def test_few_replays_are_enough_for_the_leading_finding_of_many_requests():
    judged, replayer, events = proved(keeps_the_first, *tenants(50), replays=7)
    assert judged.findings[0].confidence == "proven"
    assert len(replayer.played) == 7
    (stopped,) = [event.record for event in events if isinstance(event.record, ProofStopped)]
    assert stopped.wanted > stopped.played == 7


def test_a_leak_between_late_requests_is_led_by_its_first_reader_and_shrinks_to_two():
    requests = tenants(9)
    requests[7] = ({**requests[7][0], "asks": True}, None)
    judged, _, events = proved(keeps_the_last, *requests)
    assert (judged.findings[0].confidence, judged.findings[0].reproduces_with) == ("proven", (7, 8))
    assert {record.indexes for record in started(events)[:7]} == {(8,), (1, 2, 3, 4, 5, 6, 7, 8), (7, 8)}


def test_what_the_leading_finding_was_given_is_not_played_again_for_the_others():
    _, _, events = proved(keeps_the_first, *tenants(4))
    played = [(record.purpose, record.indexes, record.changes, record.round) for record in started(events)]
    assert len(played) == len(set(played))
    assert [record.indexes for record in started(events) if record.purpose == "history"].count((2,)) == 2


def test_a_run_of_two_requests_is_one_plan():
    _, _, events = proved(keeps_the_first, *tenants(2))
    assert [(record.purpose, record.indexes) for record in started(events)[:3]] == [
        ("history", (2,)),
        ("xray", (1, 2)),
        ("history", (2,)),
    ]
