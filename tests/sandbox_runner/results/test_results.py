"""The run's result as JSON: its names are a contract, and what is stored can be read again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.results import model
from sandbox_runner.results.model import Outcome, RunResult, Verdict
from sandbox_runner.scenario.model import Scenario
from tests.strategies import models

SCENARIO = Scenario.model_validate(
    {
        "function": {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": "def handler(e, c): ..."}},
        "steps": [{"invoke": {"payload": {"n": 1}, "as": "tenant-a"}}, {"idle": "200ms"}, {"recycle": "all"}],
    }
)

# The JSON names of every part. They are a contract: a line may be added to, nothing in it renamed or removed.
NAMES = {
    "RunResult": "version scenario backend verdict verdict_messages verdict_sentence findings checks"
    " service_time_compressed ended invocations environments log events",
    "BackendResult": "name isolation image_digest fidelity",
    "InvocationResult": "index as request_id environment attempt start outcome error_type payload status_code response"
    " duration_ms billed_duration_ms init_duration_ms restore_duration_ms max_memory_used_mb arrived_us answered_us log"
    " truncated",
    "Truncated": "log_lines log_bytes response_bytes",
    "EnvironmentResult": "id initialization created_by ended_by log_stream created_us ended_us spans",
    "Span": "phase start_us end_us request_id status",
    "LogEntry": "environment at_us line request_id source",
    "Finding": "kind grade runtime location writer reader evidence carrier_confirmed severity confidence truncated"
    " sources messages sentence fingerprint reproduces_with pairs",
    "Location": "root path type",
    "Writer": "invocation as phase leaf",
    "Reader": "invocation as output_path",
    "Evidence": "oracle output_path form observations repeats",
    "Observation": "condition text",
    "SourceLine": "file line role",
    "Check": "oracle done messages sentence",
}


def read_again(result):
    return RunResult.model_validate(json.loads(json.dumps(result.to_json())))


@given(models(RunResult, scenario=st.just(SCENARIO), events=st.just(())))
def test_a_result_survives_json(result):
    assert read_again(result) == result


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_result_is_lost(name):
    fields = getattr(model, name).model_fields
    assert set(NAMES[name].split()) <= {field.alias or key for key, field in fields.items()}


def test_the_version_is_in_every_result():
    assert RunResult.model_fields["version"].default == model.RESULT_VERSION == 2


def test_outcomes_are_the_documented_ones():
    assert list(Outcome) == [
        "success",
        "function-error",
        "timeout",
        "runtime-exit",
        "out-of-memory",
        "init-error",
        "extension-exit",
        "throttled",
        "request-too-large",
        "not-played",
    ]


def test_verdicts_are_listed_from_grave_to_none():
    assert list(Verdict) == ["leak", "history-dependent", "retained", "clean", "undetermined", "nothing-to-compare"]
