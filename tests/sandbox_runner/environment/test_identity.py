"""Who a function is, as its environments are told."""

import re

import pytest

from sandbox_runner.environment import identity
from sandbox_runner.scenario.model import Function
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES
from tests.builders import a_function

STREAM = "2026/01/05/[$LATEST]" + "0f" * 16


def function(**varied):
    return Function.model_validate(a_function(**varied))


def test_the_environment_is_what_lambda_sets_and_nothing_else():
    assert identity.environment_variables(function(environment={"STAGE": "dev"}), STREAM) == {
        "_HANDLER": "app.handler",
        "AWS_ACCESS_KEY_ID": "ASIAHOLDOVEREXAMPLE0",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "holdover",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/holdover",
        "AWS_LAMBDA_LOG_STREAM_NAME": STREAM,
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": identity.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        "AWS_SESSION_TOKEN": identity.CREDENTIALS["AWS_SESSION_TOKEN"],
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "STAGE": "dev",
        "TZ": ":UTC",
    }


def test_the_credentials_are_well_formed():
    variables = identity.environment_variables(function(), STREAM)
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", variables["AWS_ACCESS_KEY_ID"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", variables["AWS_SECRET_ACCESS_KEY"])


def test_json_logging_is_announced_to_the_runtime_and_text_logging_is_not():
    told = identity.environment_variables(function(log_format="json"), STREAM)
    assert (told["AWS_LAMBDA_LOG_FORMAT"], told["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "INFO")
    assert "AWS_LAMBDA_LOG_FORMAT" not in identity.environment_variables(function(), STREAM)


def test_every_variable_that_lambda_sets_is_reserved():
    unreserved = {"TZ", "AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"}
    assert set(identity.environment_variables(function(), STREAM)) - unreserved <= RESERVED_VARIABLES


def test_a_log_stream_is_named_by_the_day_in_utc():
    assert identity.log_stream(1_767_574_799_999, "ab" * 16) == "2026/01/05/[$LATEST]" + "ab" * 16


def test_the_next_headers_are_the_runtime_apis():
    headers = identity.next_headers(function(), request_id="r", invocation_id="i", deadline_ms=5, trace="t")
    assert headers == {
        "Lambda-Runtime-Aws-Request-Id": "r",
        "Lambda-Runtime-Invocation-Id": "i",
        "Lambda-Runtime-Deadline-Ms": "5",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:holdover",
        "Lambda-Runtime-Trace-Id": "t",
    }


def test_the_next_headers_have_a_client_context_where_there_is_one():
    headers = identity.next_headers(
        function(), request_id="r", invocation_id="i", deadline_ms=5, trace="t", client_context="{}"
    )
    assert headers["Lambda-Runtime-Client-Context"] == "{}"


def test_a_trace_header_has_x_rays_form():
    header = identity.trace_header(1_767_574_800_000, "0123456789abcdef" * 4)
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", header)


@pytest.mark.parametrize(
    ("runtime", "versions", "version"),
    [
        ("python3.13", {"python": "3.13.5", "awslambdaric": "4.2.2"}, "python:3.13.v5"),
        ("nodejs22.x", {"node": "22.20.0"}, "nodejs:22.v20"),
        ("python3.13", {}, "python:3.13.v0"),
    ],
)
def test_the_runtime_version_names_language_release_and_patch(runtime, versions, version):
    shown, arn = identity.runtime_version(runtime, versions)
    assert shown == version
    assert re.fullmatch(r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}", arn)


def test_another_client_in_the_image_is_another_runtime_version():
    one = identity.runtime_version("python3.13", {"python": "3.13.5", "awslambdaric": "4.2.2"})
    other = identity.runtime_version("python3.13", {"python": "3.13.5", "awslambdaric": "4.2.3"})
    assert one[1] != other[1]
