"""A function's identity: its ARN, log group and streams, and the variables its environments start with. Pure.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html for the names; the values as they
were recorded in localstack/localstack, tests/aws/services/lambda_/test_lambda_common.snapshot.json.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.runtimes.registry import runtime_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.scenario.model import Function

VERSION: Final = "$LATEST"

# Well-formed, worthless, and equal in every environment: differences between environments would be noise.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "ASIAHOLDOVEREXAMPLE0",
    "AWS_SECRET_ACCESS_KEY": "holdover/emulated+secret/EXAMPLEKEY00000",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEHoldoverEmulatedSessionTokenEXAMPLE" + "0" * 64 + "==",
}


_BLANK: Final = "***"


def blanked(text: str) -> str:
    """The text without a function's credentials."""
    for secret in CREDENTIALS.values():
        text = text.replace(secret, _BLANK)
    return text


def function_arn(name: str) -> str:
    """The ARN as invoked without a qualifier."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def runtime_version(runtime: str, versions: Mapping[str, str]) -> tuple[str, str]:
    """The runtime version and its ARN as in INIT_START.

    The ARN's digest is that of ``versions``: it changes with anything in the image.
    """
    digest = hashlib.sha256(repr(sorted(versions.items())).encode()).hexdigest()
    return runtime_of(runtime).logged_version(versions), f"arn:aws:lambda:{REGION}::runtime:{digest}"


def log_group(name: str) -> str:
    """The function's CloudWatch log group."""
    return f"/aws/lambda/{name}"


def log_stream(epoch_ms: int, unique_hex: str) -> str:
    """One environment's CloudWatch stream: the UTC day of its creation, the version, 32 hexadecimal digits."""
    day = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return f"{day:%Y/%m/%d}/[{VERSION}]{unique_hex}"


def environment_variables(
    function: Function, stream: str, initialization: str = "on-demand", concurrency: int = 0
) -> dict[str, str]:
    """The environment variables of ``function``'s runtime, including the user's own.

    Variables that belong to a runtime (``PATH``, ``LANG``, ``PYTHONPATH`` …) are added by the image; a variable given
    here takes precedence.

    :param initialization: this environment's initialization type; it never changes.
    :param concurrency: how many requests it serves at once; 0 where it serves one at a time.
    """
    return {
        **_of_several(function, concurrency),
        **function.environment,
        **CREDENTIALS,
        **_logging_variables(function),
        **_execution_environment(function),
        "_HANDLER": function.handler,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.deployed_name,
        "AWS_LAMBDA_FUNCTION_VERSION": VERSION,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(function.deployed_name),
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": REGION,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "TZ": function.environment.get("TZ", ":UTC"),
    }


def _of_several(function: Function, concurrency: int) -> dict[str, str]:
    """Runtime clients serve several requests at once where the first of these variables is there."""
    if not concurrency:
        return {}
    return {"AWS_LAMBDA_MAX_CONCURRENCY": str(concurrency), **(runtime_of(function.runtime).several or {})}


def _execution_environment(function: Function) -> dict[str, str]:
    """The runtime's name; without an interpreter of Lambda's there is none, as the source of this module says."""
    is_own = bool(runtime_of(function.runtime).entry_points)
    return {} if is_own else {"AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}"}


def _logging_variables(function: Function) -> dict[str, str]:
    # In text mode the service sets neither and filters nothing; in JSON the default level is INFO.
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    if function.log_format == "text":
        return {}
    return {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": function.log_level or "INFO"}


def next_headers(
    function: Function,
    *,
    request_id: str,
    invocation_id: str,
    deadline_ms: int,
    trace: str,
    client_context: str = "",
) -> dict[str, str]:
    """The Runtime API's headers on ``/next`` for one attempt at one request.

    :param client_context: what the client says of itself, as JSON.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """
    said = {"Lambda-Runtime-Client-Context": client_context} if client_context else {}
    return {
        **said,
        "Lambda-Runtime-Aws-Request-Id": request_id,
        "Lambda-Runtime-Invocation-Id": invocation_id,
        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": function_arn(function.deployed_name),
        "Lambda-Runtime-Trace-Id": trace,
    }


def trace_header(epoch_ms: int, unique_hex: str) -> str:
    """An X-Ray trace header of a request that is not sampled, from 32 hexadecimal digits or more.

    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html
    """
    return f"Root=1-{epoch_ms // 1000:08x}-{unique_hex[:24]};Parent={unique_hex[-16:]};Sampled=0"
