"""What is to be played: the function, its configuration and the steps. Pure.

The models are the contract: their JSON Schema is what ``python -m sandbox_runner schema`` prints. Reading a scenario
from text, with sentences for what is wrong and the line it is in, is :mod:`sandbox_runner.scenario_text`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticKnownError

from sandbox_runner import limits
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _task_path(path: str) -> str:
    """A file's place below the task root, or a ``ValueError`` that says why it cannot be there."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or any(p in ("", ".", "..") for p in parts):
        raise ValueError(f"the path {path!r} is not inside the task root; write it like app.py or lib/helper.py")
    if len(path) > 200 or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise ValueError(f"the path {path[:60]!r} is longer than 200 characters or has control characters in it")
    return path


def _seconds(value: object) -> object:
    """``5``, ``"5s"``, ``"200ms"``, ``"2m"`` or ``"1h"`` as seconds."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*", value)
    if not found:
        raise ValueError(f"{value!r} is not a duration; write it like 200ms, 5s, 2m or 1h")
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2] or "s"]


def _environment_name(name: str) -> str:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name):
        raise ValueError(f"{name!r} cannot be an environment variable's name; use a letter, then letters, digits or _")
    return name


def _known_runtime(value: object) -> object:
    if value not in registry.IDENTIFIERS:
        raise PydanticKnownError("literal_error", {"expected": registry.CHOICE})
    return value


TaskPath = Annotated[str, AfterValidator(_task_path)]
RuntimeIdentifier = Annotated[
    str,
    PlainValidator(_known_runtime),
    WithJsonSchema({"enum": list(registry.IDENTIFIERS), "title": "Runtime", "type": "string"}),
]
Seconds = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=limits.IDLE_S_MAX, allow_inf_nan=False)]
EnvironmentName = Annotated[str, AfterValidator(_environment_name)]


class Function(_Part):
    """The function under test, as its configuration would say."""

    runtime: RuntimeIdentifier
    handler: str = Field(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f]+$")
    files: dict[TaskPath, str] = Field(min_length=1, max_length=limits.FILES_MAX)
    memory_mb: int = Field(default=limits.MEMORY_MB_DEFAULT, ge=limits.MEMORY_MB_MIN, le=limits.MEMORY_MB_MAX)
    timeout_s: int = Field(default=limits.TIMEOUT_S_DEFAULT, ge=limits.TIMEOUT_S_MIN, le=limits.TIMEOUT_S_MAX)
    tmp_mb: int = Field(default=limits.TMP_MB_DEFAULT, ge=limits.TMP_MB_MIN, le=limits.TMP_MB_MAX)
    environment: dict[EnvironmentName, str] = Field(default_factory=dict)
    log_format: Literal["text", "json"] = "text"
    log_style: Literal["current", "older"] = "current"
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] | None = None
    system_log_level: Literal["DEBUG", "INFO", "WARN"] | None = None
    cpu: Literal["unthrottled", "proportional"] = "unthrottled"
    name: str = Field(default="holdover", pattern=r"^[A-Za-z0-9_-]{1,64}$")

    @property
    def processors(self) -> float | None:
        """How much processor time it may use for each second; ``None`` where it is not held to a share."""
        return None if self.cpu == "unthrottled" else self.memory_mb / limits.MEMORY_MB_PER_PROCESSOR


class Request(_Part):
    """One request. ``principal`` (``as`` in a scenario) is on whose behalf it is made.

    Instead of ``payload``, ``payload_bytes`` has a JSON text of that many bytes made for it. Such a request is sent
    whatever its size: the service answers it with status 413 where it is over the limit of its type.
    """

    payload: JsonValue = None
    payload_bytes: int | None = Field(default=None, ge=2, le=limits.MADE_PAYLOAD_BYTES_MAX)
    type: Literal["sync", "event"] = "sync"
    principal: str | None = Field(default=None, alias="as", min_length=1, max_length=64)

    @property
    def payload_text(self) -> str:
        """The payload as the handler's runtime gets it: compact JSON, characters unescaped, keys in their order.

        One that was made, and that no runtime will get, is described instead.
        """
        if self.payload_bytes is None:
            return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))
        return self.shown_payload if self.is_too_large else f'"{"x" * (self.payload_bytes - 2)}"'

    @property
    def shown_payload(self) -> str:
        """The payload for a person: one that was made to a size is described."""
        if self.payload_bytes is None:
            return self.payload_text
        return f"a text of {self.payload_bytes:,} bytes, made for this request"

    @property
    def is_too_large(self) -> bool:
        """Whether it was made larger than the service takes."""
        return (self.payload_bytes or 0) > self.bytes_max

    @property
    def bytes_max(self) -> int:
        """How many a payload may have: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
        return limits.ASYNC_REQUEST_BYTES_MAX if self.type == "event" else limits.REQUEST_BYTES_MAX


class Peer(_Part):
    """A companion outside the environments, reached as ``name:port`` from each of them.

    It serves ``max_clients`` at once (``null``: any number) and refuses the rest; it writes ``greeting`` to a client
    that connects, waits ``delay`` before it answers, echoes what it gets where ``echo`` is set, and closes a
    connection ``close_after`` seconds after it was made. Waits are run time.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    kind: Literal["tcp"] = "tcp"
    port: int = Field(default=7000, ge=1024, le=65535)
    max_clients: int | None = Field(default=None, ge=0, le=1000)
    greeting: str = Field(default="", max_length=1024)
    echo: bool = True
    delay: Seconds = 0.0
    close_after: Seconds | None = None


class InvokeStep(_Part):
    """One request, and the wait for its answer."""

    invoke: Request


class IdleStep(_Part):
    """Nothing happens for that many seconds; environments are frozen."""

    idle: Seconds


class ConcurrentStep(_Part):
    """Several requests arrive at the same moment; the step ends when all are answered."""

    concurrent: tuple[Request, ...] = Field(min_length=1, max_length=limits.CONCURRENT_MAX)


class InitializeStep(_Part):
    """The service prepares that many environments nobody asked for."""

    initialize: int = Field(ge=1, le=limits.CONCURRENT_MAX)


class RecycleStep(_Part):
    """The service ends every free environment, or the one that was used longest ago."""

    recycle: Literal["all", "one"]


Step = InvokeStep | ConcurrentStep | IdleStep | InitializeStep | RecycleStep


class Scenario(_Part):
    """A function and what is done to it."""

    version: Literal[1] = 1
    function: Function
    initialization: Literal["on-demand", "provisioned-concurrency"] = "on-demand"
    provisioned_concurrency: int = Field(default=0, ge=0, le=limits.CONCURRENT_MAX)
    reserved_concurrency: int | None = Field(default=None, ge=0, le=1000)
    max_retry_attempts: int = Field(default=limits.RETRY_ATTEMPTS_MAX, ge=0, le=limits.RETRY_ATTEMPTS_MAX)
    max_event_age_s: int = Field(default=limits.EVENT_AGE_S_MAX, ge=limits.EVENT_AGE_S_MIN, le=limits.EVENT_AGE_S_MAX)
    placement: Literal["most-recently-used", "least-recently-used"] = "most-recently-used"
    spare_environments: bool = False
    spin_down_after: Seconds | None = None
    init_limit: Seconds | None = None
    peers: tuple[Peer, ...] = Field(default=(), max_length=8)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=limits.STEPS_MAX)

    @model_validator(mode="after")
    def _sizes(self) -> Scenario:
        for path, text in self.function.files.items():
            if len(text.encode("utf-8", "surrogatepass")) > limits.FILE_BYTES_MAX:
                raise ValueError(
                    f"the file {path} is over {limits.FILE_BYTES_MAX // limits.KB} KB; split or shorten it"
                )
        return self

    def requests(self) -> Iterator[tuple[int, str, Request]]:
        """Every request with its index from 1 and its principal; without ``as`` each is its own."""
        index = 0
        for step in self.steps:
            for request in requests_of(step):
                index += 1
                yield index, request.principal or f"request-{index}", request

    def to_json(self) -> dict[str, Any]:
        """The JSON form; reading it again gives an equal scenario."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=False)


def requests_of(step: Step) -> tuple[Request, ...]:
    """The requests of one step, in the order in which they arrive."""
    match step:
        case InvokeStep():
            return (step.invoke,)
        case ConcurrentStep():
            return step.concurrent
        case _:
            return ()
