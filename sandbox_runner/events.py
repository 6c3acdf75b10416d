"""The event log's vocabulary: frozen, typed records of what happened in a run. Pure.

A record that the platform's telemetry also has carries its name and its fields (camelCase in JSON), see
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. What only an observer from outside can
see has a name of our own. An :class:`Event` is a record with its place in the log; the log is append-only, and
everything that is ever shown of a run is a projection of it. Later versions add types and optional fields.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PlatformRecord(_Record):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


Status = Literal["success", "failure", "error", "timeout"]
PhaseName = Literal["init", "invoke", "snap-start"]
InitializationName = Literal["on-demand", "provisioned-concurrency", "snap-start"]
CreatedBy = Literal["request", "proactive", "provisioned", "snapshot"]
EndedBy = Literal["spindown", "failure", "timeout", "run-ended"]
StartKind = Literal["cold", "warm", "provisioned", "restored", "suppressed-init", "none"]

# --- the run ------------------------------------------------------------------------------------------------------


class RunStarted(_Record):
    """The first record. ``at_epoch_ms`` is the wall clock at ``at_us`` 0."""

    type: Literal["run.started"] = "run.started"
    at_epoch_ms: int
    backend: str
    steps: int


class StepStarted(_Record):
    """The runner turned to the next step; ``what`` says it in words for a progress line."""

    type: Literal["step.started"] = "step.started"
    index: int
    what: str


class RunFinished(_Record):
    """The last record. ``reason``: the scenario is done, the budget of wall time ran out, or somebody cancelled."""

    type: Literal["run.finished"] = "run.finished"
    reason: Literal["done", "out-of-time", "cancelled"] = "done"


class ServiceWaited(_Record):
    """Service time passed that nobody lived through: ``seconds`` were emulated in ``run_seconds``."""

    type: Literal["service.waited"] = "service.waited"
    seconds: float
    run_seconds: float
    why: str


# --- requests -----------------------------------------------------------------------------------------------------


class RequestArrived(_Record):
    """A request reached the service. ``principal`` is the scenario's ``as``; ``index`` counts requests from 1."""

    type: Literal["request.arrived"] = "request.arrived"
    index: int
    principal: str
    payload: str
    payload_bytes: int
    invocation_type: Literal["sync", "event"] = "sync"


class RequestAssigned(_Record):
    """The service chose an environment for it."""

    type: Literal["request.assigned"] = "request.assigned"
    index: int
    attempt: int
    start: StartKind


class RequestThrottled(_Record):
    """The service refused it: nothing of the function ran."""

    type: Literal["request.throttled"] = "request.throttled"
    index: int
    reason: str
    body: str


class RequestAnswered(_Record):
    """What the caller got. ``response`` is its text, cut after ``response_cut`` bytes were left out.

    ``function_error`` is the caller's ``X-Amz-Function-Error``, empty on success.
    """

    type: Literal["request.answered"] = "request.answered"
    index: int
    attempt: int
    status_code: int
    response: str
    response_bytes: int
    response_cut: int = 0
    content_type: str = "application/json"
    function_error: str = ""
    outcome: str
    error_type: str = ""


class RequestQueued(_Record):
    """An asynchronous request was accepted (202, empty body) and waits for its attempt ``attempt`` until ``due``.

    ``delay_s`` is service time; ``why`` says accepted, retry after a function error, or throttled.
    """

    type: Literal["request.queued"] = "request.queued"
    index: int
    attempt: int
    delay_s: float
    why: Literal["accepted", "retry", "throttled"]


class RequestDiscarded(_Record):
    """An asynchronous request is given up; ``destination`` is the record a destination gets, ``dead_letter`` a queue's.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """

    type: Literal["request.discarded"] = "request.discarded"
    index: int
    condition: Literal["RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
    destination: dict[str, Any]
    dead_letter: dict[str, Any]


class RequestDelivered(_Record):
    """An asynchronous request succeeded; ``destination`` is the record an on-success destination gets."""

    type: Literal["request.delivered"] = "request.delivered"
    index: int
    destination: dict[str, Any]


# --- peers --------------------------------------------------------------------------------------------------------


class PeerEvent(_Record):
    """What a scenario's peer saw. ``connection`` counts its connections from 1.

    ``what``: connected, refused (over max_clients), received, sent, closed-by-peer, closed-by-client. The event's
    ``environment`` is the one that connected, ``text`` the bytes as text, cut at 1 KB. ``left_out`` is how many events
    of this peer, just before this one, are not recorded because they were over the run's bound.
    """

    type: Literal["peer.event"] = "peer.event"
    peer: str
    connection: int
    what: Literal["connected", "refused", "received", "sent", "closed-by-peer", "closed-by-client"]
    bytes: int = 0
    text: str = ""
    left_out: int = 0


class LateWork(_Record):
    """Output or an effect inside one invocation that comes from work an earlier one started.

    ``started_by`` is the index of the request that started it (0: module code); ``ran_in`` the index it came out in.
    ``kind`` is the thread, timer, child process or promise as far as can be known; ``evidence`` says how it is known.
    """

    type: Literal["work.late"] = "work.late"
    started_by: int
    ran_in: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    evidence: str


# --- environments -------------------------------------------------------------------------------------------------


class EnvironmentCreated(_Record):
    """The service asked for one; ``log_stream`` is its CloudWatch stream."""

    type: Literal["environment.created"] = "environment.created"
    initialization: InitializationName
    created_by: CreatedBy
    log_stream: str


class EnvironmentFrozen(_Record):
    """Every process of it is stopped from here on."""

    type: Literal["environment.frozen"] = "environment.frozen"
    processes: int


class EnvironmentThawed(_Record):
    """Every process of it runs again from here on."""

    type: Literal["environment.thawed"] = "environment.thawed"
    processes: int


class EnvironmentReset(_Record):
    """The runtime is being killed; ``/tmp`` stays.

    ``how`` is how its process ended, where it did: ``exit status 1``, ``signal: killed``, empty for exit status 0.
    """

    type: Literal["environment.reset"] = "environment.reset"
    reason: Literal["failure", "timeout"]
    how: str = ""


class EnvironmentResetDone(_Record):
    """Nothing of the function is left but ``/tmp``."""

    type: Literal["environment.resetDone"] = "environment.resetDone"
    killed: int


class EnvironmentShutdown(_Record):
    """The environment is being ended."""

    type: Literal["environment.shutdown"] = "environment.shutdown"
    reason: EndedBy
    budget_ms: int


class EnvironmentTerminated(_Record):
    """Nothing of it is left, ``/tmp`` included."""

    type: Literal["environment.terminated"] = "environment.terminated"
    ended_by: EndedBy


# --- the platform's own records -----------------------------------------------------------------------------------


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
    """Module code begins to run: ``phase`` is init, or invoke where it is a suppressed init."""

    type: Literal["platform.initStart"] = "platform.initStart"
    initialization_type: InitializationName
    phase: PhaseName
    function_name: str
    function_version: str
    runtime_version: str | None = None
    runtime_version_arn: str | None = None


class PlatformInitRuntimeDone(_PlatformRecord):
    """The runtime asked for its first event, or will not."""

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
    """The event was handed to the runtime; after a suppressed init where there was one."""

    type: Literal["platform.start"] = "platform.start"
    request_id: str
    version: str


class PlatformRuntimeDone(_PlatformRecord):
    """The runtime is done with the event; ``status`` is how that went."""

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


# --- output and state ---------------------------------------------------------------------------------------------


class LogWritten(_Record):
    """One line the function wrote. ``level`` is set for lines that came as telemetry frames."""

    type: Literal["log.line"] = "log.line"
    stream: Literal["stdout", "stderr", "telemetry"]
    text: str
    level: str = ""
    cut: int = 0


class OutputTruncated(_Record):
    """Output was thrown away at the source because it was over the caps of its phase."""

    type: Literal["output.truncated"] = "output.truncated"
    lines: int
    bytes: int


class StateLeaf(_Record):
    """One value that user code keeps. ``path`` is what a person would write, ``app.cache['k'][0]``.

    ``carrier`` is the named place that holds it (``app.cache``); ``value`` is its text, cut at the probe's limit.
    """

    root: Literal["python-module", "node-module", "tmp-file"]
    carrier: str
    path: str
    kind: str
    value: str
    truncated: bool = False


class LateLine(_Record):
    """A line that came out in one invocation and was written by work that request ``started_by`` had started.

    ``started_by`` 0 is module code, -1 a request that is not known. ``text`` is cut at 1 KB.
    """

    started_by: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str


class StateCaptured(_Record):
    """What was held after init (``after_index`` 0) or after request ``after_index``. From a replay with the probe.

    ``late`` is what came out during that request and was not its own.
    """

    type: Literal["state.captured"] = "state.captured"
    after_index: int
    leaves: tuple[StateLeaf, ...]
    nodes: int
    truncated: bool
    took_us: int = 0
    late: tuple[LateLine, ...] = ()


class LeafChange(_Record):
    """In a replay, leaf ``leaf`` of request ``index``'s payload was ``value`` (JSON text) in place of what it is."""

    index: int
    leaf: str
    value: str

    def parsed(self) -> Any:
        """The value itself."""
        return json.loads(self.value)


class ReplayStarted(_Record):
    """The verdict asked for a replay of ``indexes``, in order.

    ``history`` is one request alone or after what ran before it, ``xray`` the same requests with the probe,
    ``interference`` requests of which one was sent with ``changes``, ``carrier`` requests before whose last the
    places ``restored`` were put back. ``replay`` numbers the replays of a run from 1.
    """

    type: Literal["replay.started"] = "replay.started"
    purpose: Literal["history", "xray", "interference", "carrier"]
    indexes: tuple[int, ...]
    round: int
    replay: int = 0
    changes: tuple[LeafChange, ...] = ()
    restored: tuple[str, ...] = ()


class ReplayAnswered(_Record):
    """What request ``index`` was answered in the replay of that number, and what it logged."""

    type: Literal["replay.answered"] = "replay.answered"
    purpose: Literal["history", "xray", "interference", "carrier"]
    index: int
    round: int
    outcome: str
    response: str
    log: tuple[str, ...] = ()
    replay: int = 0


class ProofStopped(_Record):
    """Replays ended before all that were wanted were played; ``why`` says which budget ran out."""

    type: Literal["proof.stopped"] = "proof.stopped"
    played: int
    wanted: int
    why: str


Record = Annotated[
    RunStarted
    | StepStarted
    | RunFinished
    | ServiceWaited
    | RequestArrived
    | RequestAssigned
    | RequestThrottled
    | RequestAnswered
    | RequestQueued
    | RequestDiscarded
    | RequestDelivered
    | PeerEvent
    | LateWork
    | EnvironmentCreated
    | EnvironmentFrozen
    | EnvironmentThawed
    | EnvironmentReset
    | EnvironmentResetDone
    | EnvironmentShutdown
    | EnvironmentTerminated
    | PlatformInitStart
    | PlatformInitRuntimeDone
    | PlatformInitReport
    | PlatformStart
    | PlatformRuntimeDone
    | PlatformReport
    | LogWritten
    | OutputTruncated
    | StateCaptured
    | ReplayStarted
    | ReplayAnswered
    | ProofStopped,
    Field(discriminator="type"),
]


class Event(BaseModel):
    """A record in its place. ``at_us`` is run time, ``service_at_us`` service time, both since the run began.

    ``seq`` counts from 1 in the order of arrival; ``at_us`` is when it happened as its observer measured it, so a
    record may carry a smaller ``at_us`` than the one before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int
    at_us: int
    service_at_us: int
    environment: str | None = None
    request_id: str | None = None
    record: Record

    def to_json(self) -> dict[str, Any]:
        """The JSON form, without what is not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
