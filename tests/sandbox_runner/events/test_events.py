"""The event log's vocabulary: its names, and that a record survives being written and read."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox_runner.events import records
from sandbox_runner.events.records import Event, LogWritten, Metrics, PlatformReport, Record
from tests.strategies import INTEGERS, TEXTS, models

KINDS = get_args(get_args(Record)[0])

# The JSON names of every record. They are a contract: a line may be added to, nothing in it renamed or removed.
NAMES = {
    "run.started": "at_epoch_ms backend steps",
    "step.started": "index what",
    "run.finished": "reason",
    "session.opened": "idle_s total_s",
    "session.extended": "total_s",
    "session.stepped": "what step",
    "session.revised": "name function",
    "session.armed": "fault",
    "session.walked": "state",
    "session.callers": "by name",
    "session.ended": "why",
    "dependencies.wanted": "function index manifest",
    "dependencies.locked": "function packages file lock",
    "dependencies.installed": "function bytes was_there",
    "dependencies.failed": "function why",
    "service.waited": "seconds run_seconds why",
    "request.arrived": "index principal payload payload_bytes invocation_type client_context",
    "request.assigned": "index attempt start",
    "request.throttled": "index reason body",
    "request.refused": "type index status_code error_type body",
    "answer.streamed": "index attempt bytes",
    "request.answered": "index attempt status_code response response_bytes response_cut content_type function_error"
    " outcome error_type",
    "request.queued": "index attempt delay_s why",
    "request.discarded": "index condition destination dead_letter",
    "request.delivered": "index destination",
    "messages.handled": "index queue deleted returned",
    "peer.event": "peer connection what bytes text",
    "account.refused": "why",
    "account.called": "service operation parameters answer status_code error attempt request_bytes answer_bytes took_us"
    " left_out",
    "account.changed": "during changes left_out",
    "account.held": "things things_in_all lost",
    "workflow.started": "execution machine name request input graph",
    "workflow.moved": "execution what state",
    "workflow.ended": "execution status output",
    "work.late": "started_by ran_in kind text evidence",
    "environment.created": "initialization created_by log_stream",
    "environment.frozen": "processes",
    "environment.thawed": "processes",
    "init.failed": "said",
    "environment.reset": "reason",
    "environment.resetDone": "killed",
    "environment.shutdown": "reason budget_ms",
    "environment.terminated": "ended_by",
    "extension.seen": "name external what text",
    "platform.initStart": "initializationType phase functionName functionVersion runtimeVersion runtimeVersionArn",
    "platform.initRuntimeDone": "initializationType phase status errorType",
    "platform.initReport": "initializationType phase status metrics errorType",
    "platform.extension": "name state events errorType",
    "platform.telemetrySubscription": "name state types",
    "platform.logsSubscription": "name state types",
    "platform.logsDropped": "droppedBytes droppedRecords reason",
    "platform.start": "requestId version",
    "platform.runtimeDone": "requestId status metrics errorType",
    "platform.report": "requestId status metrics errorType",
    "log.line": "stream text level cut",
    "output.truncated": "lines bytes",
    "state.captured": "after_index leaves nodes truncated took_us",
    "proof.started": "seconds replays",
    "replay.started": "purpose indexes round",
    "replay.answered": "purpose index round outcome response log",
    "proof.slowed": "",
    "proof.judged": "grade confidence",
    "proof.stopped": "played wanted why",
}


def type_of(kind):
    return kind.model_fields["type"].default


def json_names(kind):
    return [field.alias or name for name, field in kind.model_fields.items()]


@pytest.mark.parametrize("kind", KINDS, ids=type_of)
@given(data=st.data())
def test_every_record_survives_json_in_its_place(kind, data):
    event = Event(
        seq=data.draw(INTEGERS),
        at_us=data.draw(INTEGERS),
        service_at_us=data.draw(INTEGERS),
        environment=data.draw(st.none() | TEXTS),
        request_id=data.draw(st.none() | TEXTS),
        record=data.draw(models(kind)),
    )
    assert Event.model_validate(json.loads(json.dumps(event.to_json()))) == event


def test_every_record_of_the_module_can_be_in_the_log():
    defined = {
        kind
        for kind in vars(records).values()
        if isinstance(kind, type) and "type" in getattr(kind, "model_fields", {})
    }
    assert defined == set(KINDS)


def test_every_type_is_named_once():
    assert len({type_of(kind) for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=type_of)
def test_no_name_of_a_record_is_lost(kind):
    assert set(NAMES[type_of(kind)].split()) <= set(json_names(kind))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if type_of(kind).startswith("platform.")], ids=type_of)
def test_the_platforms_own_records_have_the_platforms_spelling(kind):
    assert not [name for name in json_names(kind) if "_" in name]


def test_metrics_have_the_platforms_spelling():
    assert json_names(Metrics) == [
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
        "initDurationMs",
        "restoreDurationMs",
        "producedBytes",
    ]


def test_what_is_not_set_is_left_out():
    report = PlatformReport(request_id="r", status="success", metrics=Metrics(duration_ms=1.5))
    event = Event(seq=1, at_us=0, service_at_us=0, record=report)
    assert event.to_json() == {
        "seq": 1,
        "at_us": 0,
        "service_at_us": 0,
        "record": {"type": "platform.report", "requestId": "r", "status": "success", "metrics": {"durationMs": 1.5}},
    }


LINE = {"seq": 1, "at_us": 0, "service_at_us": 0, "record": {"type": "log.line", "stream": "stdout", "text": "x"}}


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"record": {**LINE["record"], "colour": "red"}},
        {"record": {**LINE["record"], "type": "log.page"}},
        {"record": {**LINE["record"], "stream": "stdin"}},
        {"record": {"type": "log.line", "stream": "stdout"}},
    ],
    ids=["unknown field of the event", "of the record", "unknown type", "value outside its list", "field missing"],
)
def test_what_the_vocabulary_does_not_have_is_refused(change):
    with pytest.raises(ValidationError):
        Event.model_validate({**LINE, **change})


def test_a_record_cannot_be_changed():
    line = LogWritten(stream="stdout", text="x")
    with pytest.raises(ValidationError, match="frozen"):
        line.text = "y"
