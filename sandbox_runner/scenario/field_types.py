"""Types of the scenario's fields: each says what a text may be, and an error says what is wrong with it. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from sandbox_runner import limits
from sandbox_runner.runtimes import registry


def is_absent(value: object) -> bool:
    """Whether a field that is omitted from JSON when unset is unset."""
    return value is None


def is_empty(value: object) -> bool:
    """Whether a field that is omitted from JSON when it has nothing in it has nothing in it."""
    return not value


def _task_path(path: str) -> str:
    """Validate a file's path below the task root; an error says what is wrong."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or any(p in ("", ".", "..") for p in parts):
        raise PydanticCustomError("path-outside", "path-outside", {"path": path[:200]})
    if len(path) > 200 or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise PydanticCustomError("path-unusual", "path-unusual", {"path": path[:60]})
    return path


def _seconds(value: object) -> object:
    """Read ``5``, ``"5s"``, ``"200ms"``, ``"2m"`` or ``"1h"`` as seconds."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*", value)
    if not found:
        raise PydanticCustomError("no-duration", "no-duration", {"value": value})
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"]


def _environment_name(name: str) -> str:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name):
        raise PydanticCustomError("variable-name", "variable-name", {"name": name})
    return name


def _extension_name(name: str) -> str:
    # It is a file's name, and what is sent as a header.
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", name):
        raise PydanticCustomError("extension-name", "extension-name", {"name": name})
    return name


KEPT: Final = {"kept": True}
"""The context in which a scenario is validated that was kept: what plays it may have gone since."""


def _known_runtime(value: object, info: ValidationInfo) -> object:
    was_known = info.context == KEPT and isinstance(value, str) and registry.managed(value)
    if value not in registry.PLAYED and not was_known:
        raise PydanticKnownError("literal_error", {"expected": registry.CHOICE})
    return value


TaskPath = Annotated[str, AfterValidator(_task_path)]
RuntimeIdentifier = Annotated[
    str,
    PlainValidator(_known_runtime),
    WithJsonSchema({"enum": list(registry.PLAYED), "title": "Runtime", "type": "string"}),
]
Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=limits.IDLE_S_MAX, allow_inf_nan=False)]
EnvironmentName = Annotated[str, AfterValidator(_environment_name)]
ExtensionName = Annotated[str, AfterValidator(_extension_name)]
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html, FunctionName: a name alone has 64 characters.
FunctionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Provisioned = Annotated[int, Field(ge=0, le=limits.CONCURRENT_MAX)]
Reserved = Annotated[int, Field(ge=0, le=limits.ACCOUNT_CONCURRENCY)] | None
RetryAttempts = Annotated[int, Field(ge=0, le=limits.RETRY_ATTEMPTS_MAX)]
EventAge = Annotated[int, Field(ge=limits.EVENT_AGE_S_MIN, le=limits.EVENT_AGE_S_MAX)]
Fault = Literal["crash", "timeout"]
PerEnvironment = Annotated[int, Field(ge=1, le=limits.CONCURRENCY_PER_ENVIRONMENT_MAX)] | None
