"""Whatever ran, the part of its result that pages are made from is small, and what it lacks is counted."""

from __future__ import annotations

import json

import pytest

from playground.experiments.page_part import cutting, state
from playground.experiments.page_part.cutting import cut
from playground.experiments.page_part.left_out import NOTHING
from playground.run_page.presenter import run_page
from sandbox_runner.events.records import Event, LogWritten, RequestArrived, StateCaptured, StateLeaf
from tests.playground.run_results import environment, finding, invocation, leak, log_entry, pair, span


def attempt(number, **fields):
    request_id = f"8f5c1c1e-0000-4000-8000-{number:012}"
    return invocation(number, request_id=request_id, arrived_us=number * 1_000, **fields)


def arrived(one):
    said = RequestArrived(index=one.index, principal=one.principal, payload=one.payload, payload_bytes=1)
    return Event(seq=one.index, at_us=0, service_at_us=0, request_id=one.request_id, record=said)


def captured(number, leaves, of="env-1"):
    held = tuple(
        StateLeaf(root="node-module", carrier=f"app.c{at}", path=f"app.c{at}.x", kind="string", value=value)
        for at, value in leaves
    )
    captured = StateCaptured(after_index=number, leaves=held, nodes=1, truncated=False, took_us=1)
    return Event(seq=1, at_us=0, service_at_us=0, environment=of, record=captured)


def test_a_usual_result_is_shown_as_it_is():
    result = leak()

    part = cut(result)

    assert part.result is result
    assert part.left_out == NOTHING
    assert part.left_out.sentences_with_log == ()


@pytest.fixture
def many():
    """A run of many requests, two of which its only finding is about."""
    told = finding(
        writer={"invocation": 900, "as": "tenant-b", "leaf": ""},
        reader={"invocation": 901, "as": "b", "output_path": ""},
    )
    asked = tuple(attempt(number, environment=f"env-{number % 3}") for number in range(1, 1_001))
    spans = [span("invoke", 0, 1).model_copy(update={"request_id": one.request_id}) for one in asked]
    lived = tuple(environment(f"env-{at}", tuple(spans[at::3])) for at in range(3))
    return leak(invocations=asked, environments=lived, findings=(told,), events=tuple(map(arrived, asked)))


def test_of_many_requests_those_of_findings_are_shown_before_others(many):
    part = cut(many)

    indexes = [one.index for one in part.result.invocations]
    assert indexes == [1, 2, *range(3, cutting.ATTEMPTS_MAX - 1), 900, 901]
    assert (part.left_out.attempts.shown, part.left_out.attempts.total) == (cutting.ATTEMPTS_MAX, 1_000)
    assert f"{cutting.ATTEMPTS_MAX} of its 1,000 attempts" in part.left_out.sentences[0]


def test_what_happened_to_requests_that_are_not_shown_is_not_shown(many):
    result = cut(many).result

    shown = {one.request_id for one in result.invocations}
    assert {event.request_id for event in result.events} == shown
    assert {each.request_id for one in result.environments for each in one.spans} <= shown


def test_large_payloads_and_answers_share_one_bound():
    asked = tuple(attempt(number, payload=json.dumps("x" * 20_000), response="y" * 9_000) for number in range(1, 101))

    part = cut(leak(invocations=asked, events=tuple(map(arrived, asked))))

    length = part.left_out.text_characters
    assert cutting.TEXT_AT_LEAST <= length <= cutting.TEXTS_MAX // 200
    assert {len(one.response) for one in part.result.invocations} == {length}
    assert {len(event.record.payload) for event in part.result.events} == {length}
    assert f"the first {length:,} characters" in part.left_out.sentences[0]


def test_a_log_is_shown_from_its_beginning_and_its_other_lines_are_counted():
    line = "x" * 100
    long = attempt(1, log=(line,) * 4_000)

    part = cut(leak(invocations=(long, attempt(2)), log=tuple(log_entry(line, 1) for _ in range(9_000))))

    assert len(part.result.log) == cutting.LOG_LINES_MAX
    assert part.left_out.log_lines == 9_000 - cutting.LOG_LINES_MAX
    assert len(part.result.invocations[0].log) + part.left_out.of_attempt(1, 1) == 4_000
    assert part.left_out.of_attempt(2, 1) == 0


def test_of_the_state_places_of_findings_and_those_that_changed_stay():
    still = [(at, "same") for at in range(1, 2_000)]
    moments = [captured(number, [*still, (2_000, f"was {number}"), (2_001, "theirs")]) for number in range(100)]
    told = finding(location={"root": "node-module", "path": "app.c2001.x"})

    part = cut(leak(events=tuple(moments), findings=(told,)))

    kept = [event.record for event in part.result.events]
    paths = {leaf.path for one in kept for leaf in one.leaves}
    assert {"app.c2000.x", "app.c2001.x"} <= paths
    assert len(kept) + part.left_out.moments["env-1"] == 100
    assert len(paths) + part.left_out.places["env-1"] == 2_001
    assert sum(len(one.leaves) for one in kept) <= state.CELLS_MAX


def test_records_that_no_page_reads_are_not_there_and_not_counted():
    line = LogWritten(stream="stdout", text="x")
    events = [Event(seq=at, at_us=0, service_at_us=0, record=line) for at in range(1, 10_000)]

    part = cut(leak(events=tuple(events), log=tuple(log_entry("x", 1) for _ in range(9_999))))

    assert part.result.events == ()
    assert part.left_out.records == 0


def test_records_beyond_a_number_are_counted():
    events = [arrived(attempt(1)).model_copy(update={"seq": at}) for at in range(1, cutting.RECORDS_MAX + 6)]

    part = cut(leak(events=tuple(events)))

    assert (len(part.result.events), part.left_out.records) == (cutting.RECORDS_MAX, 5)
    assert part.left_out.sentences == (
        "5 further records of the event log are left out here; the downloaded JSON has them.",
    )


def test_findings_beyond_a_number_are_counted():
    part = cut(leak(findings=tuple(finding() for _ in range(cutting.FINDINGS_MAX + 7))))

    assert (len(part.result.findings), part.left_out.findings) == (cutting.FINDINGS_MAX, 7)
    assert part.left_out.lacks_findings
    assert part.left_out.sentences == ("7 further findings are left out here; the downloaded JSON has them.",)


def test_every_request_of_a_finding_points_at_it_though_its_evidence_is_left_out():
    count = cutting.PAIRS_MAX + 5
    pairs = tuple(pair(1, reader) for reader in range(3, count + 3))
    part = cut(leak(findings=(finding(pairs=pairs),), invocations=tuple(map(attempt, range(1, count + 3)))))

    assert part.left_out.sentences == (
        "5 further writers and readers are left out here; the downloaded JSON has them.",
    )
    rows = run_page(part.result, left_out=part.left_out).requests
    assert [row.finding_anchor for row in rows] == ["", *["finding-1"] * (count + 1)]
