"""Which lines the levels of the JSON format let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import (
    LogWritten,
    Metrics,
    PlatformInitReport,
    PlatformInitRuntimeDone,
    PlatformInitStart,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
)
from sandbox_runner.projections.log_levels import (
    LogSettings,
    line_is_shown,
    printed_level,
    system_level,
    system_record_is_shown,
)
from sandbox_runner.scenario.model import Function
from tests.builders import a_function

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
STAMP = '"timestamp": "2026-01-05T01:00:00.5Z"'
METRICS = Metrics(duration_ms=1.0)


def init(kind, **fields):
    return kind(**{"initialization_type": "on-demand", "phase": "init"} | fields)


def started(**fields):
    return init(PlatformInitStart, function_name="f", function_version="$LATEST", **fields)


def init_report(**fields):
    return init(PlatformInitReport, metrics=METRICS, **fields)


# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html, event mapping.
MAPPING = [
    ("an init begins", started(runtime_version="python:3.13.v5"), "INFO"),
    ("an init begins, without a version", started(), "DEBUG"),
    ("an init is done", init(PlatformInitRuntimeDone, status="success"), "DEBUG"),
    ("an init failed", init(PlatformInitRuntimeDone, status="error"), "WARN"),
    ("the figures of an init on demand", init_report(status="success"), "DEBUG"),
    (
        "the figures of a provisioned init",
        init_report(status="success", initialization_type="provisioned-concurrency"),
        "INFO",
    ),
    ("the figures of a failed init", init_report(status="timeout"), "WARN"),
    ("an invocation begins", PlatformStart(request_id="i", version="$LATEST"), "INFO"),
    ("an invocation is done", PlatformRuntimeDone(request_id="i", status="success", metrics=METRICS), "DEBUG"),
    ("an invocation failed", PlatformRuntimeDone(request_id="i", status="timeout", metrics=METRICS), "WARN"),
    ("its figures", PlatformReport(request_id="i", status="success", metrics=METRICS), "INFO"),
    ("the figures of a failure", PlatformReport(request_id="i", status="error", metrics=METRICS), "WARN"),
]


@pytest.mark.parametrize(("record", "level"), [row[1:] for row in MAPPING], ids=[row[0] for row in MAPPING])
def test_each_record_of_the_service_has_its_level(record, level):
    assert system_level(record) == level


@pytest.mark.parametrize("record", [row[1] for row in MAPPING], ids=[row[0] for row in MAPPING])
def test_a_record_is_shown_from_its_level_down(record):
    shown = [level for level in LEVELS[1:4] if system_record_is_shown(record, LogSettings("json", system_level=level))]
    assert shown == list(LEVELS[1 : LEVELS.index(system_level(record)) + 1])


@pytest.mark.parametrize(
    ("text", "level"),
    [
        pytest.param(f'{{"level": "debug", {STAMP}}}', "DEBUG", id="a level in small letters"),
        pytest.param(f'{{"level": "WARNING", {STAMP}}}', "WARN", id="as Python writes it"),
        pytest.param(f'{{"level": "CRITICAL", {STAMP}}}', "FATAL", id="as Python writes the gravest"),
        pytest.param(f'  {{"level": "error", {STAMP}}} ', "ERROR", id="with blanks around"),
        pytest.param('{"level": "error"}', "INFO", id="without a timestamp"),
        pytest.param('{"level": "error", "timestamp": "yesterday"}', "INFO", id="with a timestamp that is none"),
        pytest.param(f'{{"level": 7, {STAMP}}}', "INFO", id="with a level that is none"),
        pytest.param(f"{{{STAMP}}}", "INFO", id="without a level"),
        pytest.param("[1]", None, id="no object"),
        pytest.param("plain", None, id="plain text"),
        pytest.param('{"level": "error"', None, id="half an object"),
        pytest.param('{"a":' * 100_000, None, id="nested beyond reading"),
    ],
)
def test_a_printed_object_has_a_level_and_other_text_has_none(text, level):
    assert printed_level(text) == level


@given(text=st.text())
def test_any_text_can_be_asked_for_its_level(text):
    assert printed_level(text) in {None, *LEVELS}


def line(text, stream="stdout"):
    return LogWritten(stream=stream, text=text)


DEBUG_LINE = f'{{"level": "debug", {STAMP}}}'


@pytest.mark.parametrize(
    ("written", "settings", "shown"),
    [
        pytest.param(line(DEBUG_LINE), LogSettings("json"), False, id="under the default level"),
        pytest.param(line(DEBUG_LINE), LogSettings("json", level="DEBUG"), True, id="at the level"),
        pytest.param(line(DEBUG_LINE), LogSettings("text"), True, id="the text format filters nothing"),
        pytest.param(line(DEBUG_LINE, "telemetry"), LogSettings("json"), True, id="a client filters its own"),
        pytest.param(line("plain"), LogSettings("json", level="FATAL"), True, id="plain text has no level"),
        pytest.param(line("{}"), LogSettings("json", level="WARN"), False, id="an object without a level is INFO"),
    ],
)
def test_a_line_is_shown_or_not(written, settings, shown):
    assert line_is_shown(written, settings) is shown


def test_a_function_that_says_nothing_has_the_services_defaults():
    assert LogSettings.of(Function.model_validate(a_function())) == LogSettings("text", "current", "INFO", "INFO", 3)


def test_a_functions_own_settings_are_taken():
    asked = {"log_format": "json", "log_level": "FATAL", "system_log_level": "WARN", "timeout_s": 9}
    settings = LogSettings.of(Function.model_validate(a_function(**asked)))
    assert settings == LogSettings("json", "current", "FATAL", "WARN", 9)
