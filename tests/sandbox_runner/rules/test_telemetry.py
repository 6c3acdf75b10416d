"""What subscribers get of a record, by API, schema and log format."""

import json

import pytest

from sandbox_runner.events.records import (
    LogWritten,
    Metrics,
    OutputTruncated,
    PlatformExtension,
    PlatformInitReport,
    PlatformLogsSubscription,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
    PlatformTelemetrySubscription,
)
from sandbox_runner.rules.telemetry import Subscriber, lines

ALL = ("platform", "function", "extension")
METRICS = Metrics(duration_ms=1.5, billed_duration_ms=2, memory_size_mb=128, max_memory_used_mb=40)
FAILED = PlatformReport(request_id="id", status="error", metrics=METRICS, error_type="Runtime.ExitError")
JSON_LINE = LogWritten(stream="stdout", text='{"level": "INFO"}')


def told(record, api="telemetry", schema="2022-07-01", types=ALL, **more):
    subscriber = Subscriber("tap", api, schema, types, **more)
    found = [json.loads(line) for line in lines(record, subscriber, 1_767_574_800_042_000)]
    assert all(each["time"] == "2026-01-05T01:00:00.042Z" for each in found)
    return [(each["type"], each["record"]) for each in found]


def test_lines_are_texts_of_the_function_or_of_an_extension():
    assert told(LogWritten(stream="stdout", text="a")) == [("function", "a\n")]
    assert told(LogWritten(stream="stderr", text="b", extension="tap")) == [("extension", "b\n")]


@pytest.mark.parametrize(
    ("schema", "found"),
    [("2022-07-01", '{"level": "INFO"}\n'), ("2022-12-13", {"level": "INFO"}), ("2025-01-29", {"level": "INFO"})],
)
def test_in_the_json_format_a_later_schema_has_objects(schema, found):
    assert told(JSON_LINE, schema=schema, json_format=True) == [("function", found)]
    assert told(JSON_LINE, schema=schema) == [("function", '{"level": "INFO"}\n')]


@pytest.mark.parametrize("text", ["no JSON", "[1]", "[" * 100_000])
def test_what_is_no_object_stays_a_text(text):
    line = LogWritten(stream="stdout", text=text)

    assert told(line, schema="2025-01-29", json_format=True) == [("function", f"{text}\n")]


def test_only_what_was_asked_for_is_told():
    assert not told(LogWritten(stream="stdout", text="a"), types=("platform", "extension"))
    assert not told(FAILED, types=("function",))


def test_what_was_cut_is_told_as_dropped():
    reason = "Output over this emulator's limits was cut"
    assert told(OutputTruncated(lines=3, bytes=70)) == [
        ("platform.logsDropped", {"droppedBytes": 70, "droppedRecords": 3, "reason": reason})
    ]


def test_the_telemetry_api_has_one_record_of_a_failed_request_and_the_logs_api_three():
    metrics = {"durationMs": 1.5, "billedDurationMs": 2, "memorySizeMB": 128, "maxMemoryUsedMB": 40}
    assert told(FAILED) == [
        (
            "platform.report",
            {"requestId": "id", "status": "error", "metrics": metrics, "errorType": "Runtime.ExitError"},
        )
    ]
    assert told(FAILED, "logs") == [
        ("platform.fault", "RequestId: id Status: error\tErrorType: Runtime.ExitError"),
        ("platform.end", {"requestId": "id"}),
        ("platform.report", {"requestId": "id", "metrics": metrics}),
    ]


def test_the_logs_api_has_no_fault_of_a_good_request_and_no_init():
    good = FAILED.model_copy(update={"status": "success", "error_type": None})
    report = PlatformInitReport(initialization_type="on-demand", phase="init", status="success", metrics=METRICS)

    assert [kind for kind, _ in told(good, "logs")] == ["platform.end", "platform.report"]
    assert not told(report, "logs")


def test_the_logs_api_tells_that_the_runtime_is_done_from_its_second_schema_on():
    done = PlatformRuntimeDone(request_id="id", status="success", metrics=METRICS)

    assert not told(done, "logs", "2020-08-15")
    assert told(done, "logs", "2021-03-18") == [("platform.runtimeDone", {"requestId": "id", "status": "success"})]


def test_both_apis_have_starts_and_extensions_and_each_its_own_subscriptions():
    start = PlatformStart(request_id="id", version="$LATEST")
    extension = PlatformExtension(name="tap", state="Ready", events=("INVOKE",))
    subscribed = {"name": "tap", "state": "Subscribed", "types": ("platform",)}

    for record in (start, extension):
        assert told(record) == told(record, "logs")
    assert told(PlatformTelemetrySubscription(**subscribed))
    assert not told(PlatformTelemetrySubscription(**subscribed), "logs")
    assert told(PlatformLogsSubscription(**subscribed), "logs")
    assert not told(PlatformLogsSubscription(**subscribed))
