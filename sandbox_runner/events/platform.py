"""Records that the platform's telemetry has too, with its names and fields (camelCase in JSON). Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox_runner.events.base import InitializationName, PhaseName, RecordBase, Status


class _PlatformRecord(RecordBase):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Metrics(_PlatformRecord):
    """Milliseconds with three decimals, whole megabytes."""

    duration_ms: float
    billed_duration_ms: int | None = None
    memory_size_mb: int | None = Field(default=None, alias="memorySizeMB")
    max_memory_used_mb: int | None = Field(default=None, alias="maxMemoryUsedMB")
    init_duration_ms: float | None = None
    restore_duration_ms: float | None = None
    produced_bytes: int | None = None


class PlatformInitStart(_PlatformRecord):
    """Module code starts running; ``phase`` is init, or invoke for a suppressed init."""

    type: Literal["platform.initStart"] = "platform.initStart"
    initialization_type: InitializationName
    phase: PhaseName
    function_name: str
    function_version: str
    runtime_version: str | None = None
    runtime_version_arn: str | None = None


class PlatformInitRuntimeDone(_PlatformRecord):
    """The runtime asked for its first event, or failed to."""

    type: Literal["platform.initRuntimeDone"] = "platform.initRuntimeDone"
    initialization_type: InitializationName
    phase: PhaseName
    status: Status
    error_type: str | None = None


class PlatformInitReport(_PlatformRecord):
    """The figures of an initialisation."""

    type: Literal["platform.initReport"] = "platform.initReport"
    initialization_type: InitializationName
    phase: PhaseName
    status: Status
    metrics: Metrics
    error_type: str | None = None


class PlatformStart(_PlatformRecord):
    """The event was handed to the runtime, after any suppressed init."""

    type: Literal["platform.start"] = "platform.start"
    request_id: str
    version: str


class PlatformRuntimeDone(_PlatformRecord):
    """The runtime is done with the event; ``status`` says how it went."""

    type: Literal["platform.runtimeDone"] = "platform.runtimeDone"
    request_id: str
    status: Status
    metrics: Metrics
    error_type: str | None = None


class PlatformReport(_PlatformRecord):
    """The figures of an invocation: the log's REPORT line."""

    type: Literal["platform.report"] = "platform.report"
    request_id: str
    status: Status
    metrics: Metrics
    error_type: str | None = None
