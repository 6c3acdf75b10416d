"""The event log's records: frozen, typed descriptions of what happened in a run. Pure.

A record that the platform's telemetry has too keeps its name and fields (camelCase in JSON), see
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. Others, visible only from outside, have
our own names. An :class:`Event` is a record with its place in the log; the log is append-only, and everything shown
about a run is a projection of it. Later versions add types and optional fields.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.events import base, platform, replays, state
from sandbox_runner.events.base import RecordBase
from sandbox_runner.messages import Kind, Message

# All records are exported from here; other modules exist only for length.
Status = base.Status
PhaseName = base.PhaseName
InitializationName = base.InitializationName
CreatedBy = base.CreatedBy
EndedBy = base.EndedBy
StartKind = base.StartKind
StepMessage = Annotated[Message, Kind("step")]

# --- the run ------------------------------------------------------------------------------------------------------


class RunStarted(RecordBase):
    """The first record. ``at_epoch_ms`` is the wall clock at ``at_us`` 0."""

    type: Literal["run.started"] = "run.started"
    at_epoch_ms: int
    backend: str
    steps: int


class StepStarted(RecordBase):
    """The runner turned to the next step, ``what``."""

    type: Literal["step.started"] = "step.started"
    index: int
    what: StepMessage


class RunFinished(RecordBase):
    """The last record. ``reason``: the scenario is done, the wall-time budget ran out, or the run was cancelled.

    If time ran out, ``budget_s`` is the budget and ``left`` names the first of the ``left_steps`` steps that were not
    done.
    """

    type: Literal["run.finished"] = "run.finished"
    reason: Literal["done", "out-of-time", "cancelled"] = "done"
    budget_s: float | None = None
    left: tuple[StepMessage, ...] = ()
    left_steps: int = 0


class ServiceWaited(RecordBase):
    """Service time was skipped: ``seconds`` were emulated in ``run_seconds``."""

    type: Literal["service.waited"] = "service.waited"
    seconds: float
    run_seconds: float
    why: str


# --- requests -----------------------------------------------------------------------------------------------------


class RequestArrived(RecordBase):
    """A request reached the service. ``principal`` is the scenario's ``as``; ``index`` counts requests from 1.

    ``function`` is the name of the invoked function if functions have names.
    """

    type: Literal["request.arrived"] = "request.arrived"
    index: int
    principal: str
    payload: str
    payload_bytes: int
    invocation_type: Literal["sync", "event"] = "sync"
    function: str | None = None


class RequestAssigned(RecordBase):
    """The service chose an environment for it.

    ``instead_of`` names the environment being created for it when a pre-initialised one was ready first.
    """

    type: Literal["request.assigned"] = "request.assigned"
    index: int
    attempt: int
    start: StartKind
    instead_of: str | None = None


class RequestThrottled(RecordBase):
    """The service throttled it: the function did not run."""

    type: Literal["request.throttled"] = "request.throttled"
    index: int
    reason: str
    body: str


class RequestRefused(RecordBase):
    """The service rejected it: the function did not run. ``error_type`` is the exception's name."""

    type: Literal["request.refused"] = "request.refused"
    index: int
    status_code: int
    error_type: str
    body: str


class RequestAnswered(RecordBase):
    """The caller's answer. ``response`` is its text, without the ``response_cut`` bytes that were cut off.

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


class RequestQueued(RecordBase):
    """An asynchronous request was accepted (202, empty body) and waits for its attempt ``attempt`` until ``due``.

    ``delay_s`` is service time; ``why`` says accepted, retry after a function error, or throttled.
    """

    type: Literal["request.queued"] = "request.queued"
    index: int
    attempt: int
    delay_s: float
    why: Literal["accepted", "retry", "throttled"]


class RequestDiscarded(RecordBase):
    """An asynchronous request is given up; ``destination`` and ``dead_letter`` are the records sent to each.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """

    type: Literal["request.discarded"] = "request.discarded"
    index: int
    condition: Literal["RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
    destination: dict[str, Any]
    dead_letter: dict[str, Any]


# The condition sent to a destination when a request succeeded; those of a failure are RequestDiscarded's.
SUCCESS: Final = "Success"


class RequestDelivered(RecordBase):
    """An asynchronous request succeeded; ``destination`` is the record sent to an on-success destination."""

    type: Literal["request.delivered"] = "request.delivered"
    index: int
    destination: dict[str, Any]


# --- peers --------------------------------------------------------------------------------------------------------


class PeerEvent(RecordBase):
    """What a scenario's peer saw. ``connection`` counts its connections from 1.

    ``what``: connected, refused (over max_clients), received, sent, closed-by-peer, closed-by-client. The event's
    ``environment`` is the one that connected, ``text`` the bytes as text, cut at 1 KB. ``left_out`` counts this peer's
    preceding events that exceeded the run's limit and are not recorded.
    """

    type: Literal["peer.event"] = "peer.event"
    peer: str
    connection: int
    what: Literal["connected", "refused", "received", "sent", "closed-by-peer", "closed-by-client"]
    bytes: int = 0
    text: str = ""
    left_out: int = 0


# --- environments -------------------------------------------------------------------------------------------------


class EnvironmentCreated(RecordBase):
    """The service created it; ``log_stream`` is its CloudWatch stream, ``function`` as in RequestArrived."""

    type: Literal["environment.created"] = "environment.created"
    initialization: InitializationName
    created_by: CreatedBy
    log_stream: str
    function: str | None = None


class EnvironmentFrozen(RecordBase):
    """All of its processes are stopped from here on."""

    type: Literal["environment.frozen"] = "environment.frozen"
    processes: int


class EnvironmentThawed(RecordBase):
    """All of its processes run again from here on."""

    type: Literal["environment.thawed"] = "environment.thawed"
    processes: int


class EnvironmentReset(RecordBase):
    """The runtime is being killed; ``/tmp`` stays.

    ``how`` is how its process ended, if it did: ``exit status 1``, ``signal: killed``, empty for exit status 0.
    """

    type: Literal["environment.reset"] = "environment.reset"
    reason: Literal["failure", "timeout"]
    how: str = ""


class EnvironmentResetDone(RecordBase):
    """The function's processes are gone; only ``/tmp`` remains."""

    type: Literal["environment.resetDone"] = "environment.resetDone"
    killed: int


class EnvironmentShutdown(RecordBase):
    """The environment is being ended."""

    type: Literal["environment.shutdown"] = "environment.shutdown"
    reason: EndedBy
    budget_ms: int


class EnvironmentTerminated(RecordBase):
    """Nothing of it is left, including ``/tmp``."""

    type: Literal["environment.terminated"] = "environment.terminated"
    ended_by: EndedBy


# --- the platform's own records -----------------------------------------------------------------------------------

Metrics = platform.Metrics
PlatformInitStart = platform.PlatformInitStart
PlatformInitRuntimeDone = platform.PlatformInitRuntimeDone
PlatformInitReport = platform.PlatformInitReport
PlatformStart = platform.PlatformStart
PlatformRuntimeDone = platform.PlatformRuntimeDone
PlatformReport = platform.PlatformReport


# --- output and state ---------------------------------------------------------------------------------------------


class LogWritten(RecordBase):
    """One line the function wrote. ``level`` is set for lines that came as telemetry frames."""

    type: Literal["log.line"] = "log.line"
    stream: Literal["stdout", "stderr", "telemetry"]
    text: str
    level: str = ""
    cut: int = 0


class OutputTruncated(RecordBase):
    """Output was discarded at the source because it exceeded the limits of its phase."""

    type: Literal["output.truncated"] = "output.truncated"
    lines: int
    bytes: int


ProbeMessage = state.ProbeMessage
StateLeaf = state.StateLeaf
LateLine = state.LateLine
StateCaptured = state.StateCaptured
LateWork = state.LateWork


# --- replays ------------------------------------------------------------------------------------------------------

ProofStarted = replays.ProofStarted
LeafChange = replays.LeafChange
ReplayStarted = replays.ReplayStarted
ReplayAnswered = replays.ReplayAnswered
ProofStopped = replays.ProofStopped


Record = Annotated[
    RunStarted
    | StepStarted
    | RunFinished
    | ServiceWaited
    | RequestArrived
    | RequestAssigned
    | RequestThrottled
    | RequestRefused
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
    | ProofStarted
    | ReplayStarted
    | ReplayAnswered
    | ProofStopped,
    Field(discriminator="type"),
]


class Event(BaseModel):
    """A record with its place in the log. ``at_us`` is run time, ``service_at_us`` service time, since the run began.

    ``seq`` counts from 1 in order of arrival; ``at_us`` is when it happened as measured by its observer, so it can be
    smaller than that of the previous record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: int
    at_us: int
    service_at_us: int
    environment: str | None = None
    request_id: str | None = None
    record: Record

    def to_json(self) -> dict[str, Any]:
        """The JSON form, without unset fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
