"""Results that were stored in sentences are read as results of today, and say what they said."""

import json
from pathlib import Path

import pytest

from sandbox_runner.events.records import StateCaptured
from sandbox_runner.messages import LANGUAGES, render, render_all
from sandbox_runner.results.model import RunResult
from sandbox_runner.results.telling import told

STORED = sorted(Path("tests/data/results_version_1").glob("*.json"))


@pytest.fixture(params=STORED, ids=lambda path: path.stem)
def stored(request):
    return json.loads(request.param.read_text("utf-8"))


def test_there_is_one_of_every_verdict_and_of_every_kind_of_finding():
    every = [json.loads(path.read_text("utf-8")) for path in STORED]

    assert {each["version"] for each in every} == {1}
    assert {each["verdict"] for each in every} == {"leak", "history-dependent", "retained", "clean", "undetermined"}
    assert {one["kind"] for each in every for one in each["findings"]} == {
        "answer-leak", "log-leak", "background-log", "retained", "history-dependent",
    }  # fmt: skip
    assert {work["effect"] for each in every for work in each["late_work"]} == {"", "file", "peer"}
    assert any(each["asynchronous"] for each in every)
    assert any(each["left"] for each in every)
    assert any(each["proof"] is None for each in every)
    assert any((each["proof"] or {}).get("stopped") for each in every)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_said_in_every_language(stored, language):
    result = RunResult.read(stored)

    assert result.version == 2
    assert render_all(result.verdict_messages, language) == stored["verdict_sentence"]
    assert [render_all(one.messages, language) for one in result.findings] == [
        one["sentence"] for one in stored["findings"]
    ]
    assert [render_all(one.messages, language) for one in result.checks] == [one["detail"] for one in stored["checks"]]
    assert (render(result.left, language) if result.left else "") == stored["left"]
    assert [render(one.evidence, language) for one in result.late_work] == [
        one["evidence"] for one in stored["late_work"]
    ]


def test_what_was_no_sentence_is_as_it_was(stored):
    result = RunResult.read(stored)

    assert [one.fingerprint for one in result.findings] == [one["fingerprint"] for one in stored["findings"]]
    seen = [{each.condition.params["text"]: each.text for each in one.observations} for one in _evidence(result)]
    assert seen == [one["values_by_condition"] for each in stored["findings"] for one in each["evidence"]]
    assert [event.seq for event in result.events] == [event["seq"] for event in stored["events"]]


def test_it_is_stored_as_one_of_today(stored):
    result = RunResult.read(stored)

    assert RunResult.read(json.loads(json.dumps(result.to_json()))) == result
    assert told(stored, "ja")["verdict_sentence"] == stored["verdict_sentence"]


def test_an_event_that_was_disturbed_says_so_still():
    stored = json.loads(Path("tests/data/results_version_1/probe-disturbed.json").read_text("utf-8"))
    disturbed = [each["record"]["disturbed"] for each in stored["events"] if each["record"].get("disturbed")]
    walks = [event.record for event in RunResult.read(stored).events if isinstance(event.record, StateCaptured)]

    assert [render(walk.disturbed) for walk in walks if walk.disturbed] == disturbed


def _evidence(result):
    return [one for finding in result.findings for one in finding.evidence]
