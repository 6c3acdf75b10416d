"""The event log's records: frozen, typed descriptions of what happened in a run. Pure.

A record that the platform's telemetry has too keeps its name and fields (camelCase in JSON), see
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. Others, visible only from outside, have
our own names. An :class:`Event` is a record with its place in the log; the log is append-only, and everything shown
about a run is a projection of it. Later versions add types and optional fields.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox_runner.events.workflow_graph import WorkflowGraph
from sandbox_runner.messages import Kind, Message
from sandbox_runner.runtimes.model import ModuleRoot

Status = Literal["success", "failure", "error", "timeout"]
PhaseName = Literal["init", "invoke", "snap-start"]
InitializationName = Literal["on-demand", "provisioned-concurrency", "snap-start", "lambda-managed-instances"]
CreatedBy = Literal["request", "proactive", "provisioned", "snapshot"]
EndedBy = Literal["spindown", "failure", "timeout", "run-ended"]
StartKind = Literal["cold", "warm", "provisioned", "restored", "suppressed-init", "none"]
Purpose: TypeAlias = Literal["history", "xray", "interference", "carrier", "account"]
# Where a value was observed: in the process, or in a file.
StateRoot: TypeAlias = ModuleRoot | Literal["tmp-file"]

# What can happen to an extension.
ExtensionMoment: TypeAlias = Literal[
    "started", "not-launched", "registered", "ready", "invoke", "shutdown", "reported", "exited", "killed"
]

ProbeMessage = Annotated[Message, Kind("probe")]
LateMessage = Annotated[Message, Kind("late")]
StoppedMessage = Annotated[Message, Kind("stopped")]
StepMessage = Annotated[Message, Kind("step")]
DependenciesMessage = Annotated[Message, Kind("dependencies")]
AccountMessage = Annotated[Message, Kind("account")]


class RecordBase(BaseModel):
    """Frozen, and without fields that its version does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _is_empty(value: object) -> bool:
    """Whether a field that is omitted from JSON when empty is empty."""
    return value == ""


def _is_none(value: object) -> bool:
    """Whether a number that is omitted from JSON when it names nothing is 0."""
    return value == 0


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


class SessionOpened(RecordBase):
    """Requests come from outside from here on, not from steps.

    It ends after ``idle_s`` without a request and ``total_s`` in all. Its environments stay meanwhile.
    """

    type: Literal["session.opened"] = "session.opened"
    idle_s: float
    total_s: float


class SessionExtended(RecordBase):
    """Somebody asked for more time: it ends ``total_s`` after it was opened, and is idle from here on."""

    type: Literal["session.extended"] = "session.extended"
    total_s: float


class SessionStepped(RecordBase):
    """Whoever holds the session had something done that no request does: ``step`` is what a scenario has for it."""

    type: Literal["session.stepped"] = "session.stepped"
    what: StepMessage
    step: dict[str, Any]


class SessionRevised(RecordBase):
    """There is a revision of a function: the scenario has ``function`` by ``name``."""

    type: Literal["session.revised"] = "session.revised"
    name: str
    function: dict[str, Any]


class SessionArmed(RecordBase):
    """The next request whose caller waits meets ``fault``."""

    type: Literal["session.armed"] = "session.armed"
    fault: Literal["crash", "timeout"]


class SessionCallers(RecordBase):
    """Callers are told apart by something else from here on: ``name`` is that of a header or a query parameter."""

    type: Literal["session.callers"] = "session.callers"
    by: Literal["request", "header", "query", "token", "connection"]
    name: str = ""


class SessionEnded(RecordBase):
    """No request comes from outside any more, and ``why``: asked for, the limits of SessionOpened, as many as may."""

    type: Literal["session.ended"] = "session.ended"
    why: Literal["asked", "idle", "total", "requests"]


class DependenciesWanted(RecordBase):
    """Packages of a function were looked for: what ``manifest`` asks of the package index ``index``."""

    type: Literal["dependencies.wanted"] = "dependencies.wanted"
    function: str | None = None
    index: Literal["pypi", "npm"]
    manifest: str


class LockedPackage(RecordBase):
    """One of the packages that a lock has."""

    name: str
    version: str


class DependenciesLocked(RecordBase):
    """It is known which packages exactly. ``lock`` is the text of the lock file ``file``."""

    type: Literal["dependencies.locked"] = "dependencies.locked"
    function: str | None = None
    packages: tuple[LockedPackage, ...]
    file: str
    lock: str


class DependenciesInstalled(RecordBase):
    """They are installed. ``was_there``: by an earlier run, so nothing was fetched."""

    type: Literal["dependencies.installed"] = "dependencies.installed"
    function: str | None = None
    bytes: int
    was_there: bool


class DependenciesFailed(RecordBase):
    """They cannot be installed as they are asked for; no request is made then."""

    type: Literal["dependencies.failed"] = "dependencies.failed"
    function: str | None = None
    why: DependenciesMessage


class ServiceWaited(RecordBase):
    """Service time was skipped: ``seconds`` were emulated in ``run_seconds``."""

    type: Literal["service.waited"] = "service.waited"
    seconds: float
    run_seconds: float
    why: str


# --- requests -----------------------------------------------------------------------------------------------------


class CausingMessage(RecordBase):
    """A message of a batch: which reception of it this is, and the request that sent it, 0 where none is known.

    Of a stream's record ``id`` is the sequence number, and ``received`` the attempt.
    """

    id: str
    received: int
    request: int = 0


class Cause(RecordBase):
    """Why the service invoked a function of its own accord.

    It is a destination of the function ``name``, or there are ``messages`` in the queue ``name``, or an event came of
    the topic, the bucket or the EventBridge rule ``name``, or the Task state ``state`` of the state machine ``name``
    wants it, in ``execution``, or there are records, as ``messages``, in the stream of the table ``name`` or Kinesis's.
    ``request`` is the index of the request that led to it; of a batch, that of its first message, 0 where none is
    known.
    """

    kind: Literal["on-success", "on-failure", "queue", "sns", "s3", "eventbridge", "dynamodb", "kinesis", "workflow"]
    name: str
    request: int
    messages: tuple[CausingMessage, ...] = Field(default=(), exclude_if=lambda value: not value)
    state: str = Field(default="", exclude_if=_is_empty)
    execution: str = Field(default="", exclude_if=_is_empty)


class MessagesHandled(RecordBase):
    """A batch of messages ended: those ``deleted`` are done with, those ``returned`` stay in the queue, or stream."""

    type: Literal["messages.handled"] = "messages.handled"
    index: int
    queue: str
    deleted: tuple[str, ...]
    returned: tuple[str, ...]


class RequestArrived(RecordBase):
    """A request reached the service. ``principal`` is the scenario's ``as``; ``index`` counts requests from 1.

    ``fault`` is what happens in place of its answer, as in the scenario.

    ``function`` is the name of the invoked function if functions have names. ``called_by`` is the index of the request
    whose function made this one, 0 where one did in its init; ``cause`` is what the service made it for. A request of
    the scenario has neither; the others are made for the principal of the request that led to them, and count on after
    those of the scenario.
    """

    type: Literal["request.arrived"] = "request.arrived"
    index: int
    principal: str
    payload: str
    payload_bytes: int
    invocation_type: Literal["sync", "event"] = "sync"
    function: str | None = None
    called_by: int | None = None
    cause: Cause | None = Field(default=None, exclude_if=lambda value: value is None)
    client_context: dict[str, Any] | None = Field(default=None, exclude_if=lambda value: value is None)
    fault: Literal["crash", "timeout"] | None = Field(default=None, exclude_if=lambda value: value is None)

    @property
    def is_of_scenario(self) -> bool:
        """Whether one of the scenario's steps makes it."""
        return self.called_by is None and self.cause is None


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


class AnswerStreamed(RecordBase):
    """The function streams its answer: ``bytes`` more of it came. Its text is in the answer's record."""

    type: Literal["answer.streamed"] = "answer.streamed"
    index: int
    attempt: int
    bytes: int


class RequestAnswered(RecordBase):
    """The caller's answer. ``response`` is its text, without the ``response_cut`` bytes that were cut off.

    ``function_error`` is the caller's ``X-Amz-Function-Error``, empty on success. ``chunks`` counts those of an answer
    that was streamed, and is absent for any other; ``failure`` is what was said of an error after the first of them.
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
    chunks: int = Field(default=0, exclude_if=_is_none)
    failure: str = Field(default="", exclude_if=_is_empty)


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

    The condition of one that is part of a recursive loop is not published; its name here is ours.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """

    type: Literal["request.discarded"] = "request.discarded"
    index: int
    condition: Literal["RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency", "RecursiveLoop"]
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


# --- the account --------------------------------------------------------------------------------------------------


class AccountRefused(RecordBase):
    """A resource of the scenario's account cannot be made as it is asked for; no request is made then."""

    type: Literal["account.refused"] = "account.refused"
    why: AccountMessage


class AccountCalled(RecordBase):
    """Code of a function called a service of the account, or somebody outside did.

    The event's ``environment`` called, in its ``request_id`` or, without one, in its init. Without an environment the
    scenario's step ``step`` (from 0) did, on behalf of ``principal``, empty where it says nobody's. The event's time is
    when the call began. Everything but the numbers is what was sent or answered: ``parameters`` and ``answer`` are
    the beginnings of texts, credentials blanked. ``attempt`` is the SDK's own count of its tries at one call, from 1.
    ``error`` is the code of an error, empty without one. ``left_out`` counts the preceding calls that exceeded the
    run's limit and are not recorded. With ``by_lambda`` Lambda itself called for request ``request_id``: when it had
    ended, to send its record to a destination or its event to a dead-letter queue; or for its batch of messages, to
    receive and to delete them. A service that sends events to functions, named there, called Lambda because of a call
    of that request's, or of a caller from outside. With ``workflow`` it was Step Functions, for a Task state of an
    execution that request ``request_id`` started, or step ``step``.
    With ``is_ours`` whatever answers for the service has failed. ``region`` is the call's, empty for the usual one.
    """

    type: Literal["account.called"] = "account.called"
    service: str
    operation: str
    parameters: str
    answer: str
    status_code: int
    error: str = ""
    attempt: int = 1
    request_bytes: int
    answer_bytes: int
    took_us: int
    left_out: int = 0
    is_ours: bool = Field(default=False, exclude_if=lambda value: not value)
    region: str = Field(default="", exclude_if=_is_empty)
    step: int | None = Field(default=None, exclude_if=lambda value: value is None)
    principal: str = Field(default="", exclude_if=_is_empty)
    by_lambda: Literal[
        "", "on-success", "on-failure", "dead-letter", "event-source", "sns", "s3", "eventbridge", "workflow"
    ] = Field(default="", exclude_if=_is_empty)


class HeldValue(RecordBase):
    """The beginning of what a resource of the account holds; ``bytes`` is how long it is in all.

    ``state`` sets it apart: of a message ``visible``, ``in-flight`` or ``delayed``; of an object ``binary``, whose text
    is Base64; of a record its partition key, of a rule whether it is enabled, of a secret's version its stages. Values
    of secrets are blanked.
    """

    text: str
    bytes: int
    state: str = Field(default="", exclude_if=_is_empty)


class HeldEntry(RecordBase):
    """One item, object, message, version, subscription, record or rule."""

    key: str
    value: HeldValue


class HeldThing(RecordBase):
    """One resource of the account: ``thing`` is what kind of resource ``name`` is; ``count`` entries are in it."""

    service: str
    thing: str
    name: str
    count: int
    entries: tuple[HeldEntry, ...]


class AccountChange(RecordBase):
    """What changed in the account. ``key`` is empty where the resource itself came or went.

    ``before`` or ``after`` is absent where there was nothing, or is nothing any more.
    """

    service: str
    thing: str
    name: str
    key: str
    before: HeldValue | None = None
    after: HeldValue | None = None


class ServedAttempt(RecordBase):
    """One attempt at a request."""

    index: int
    attempt: int


class AccountChanged(RecordBase):
    """What changed in the account since it was last looked at, while the attempts of ``during`` were served.

    It is looked at after the scenario's resources were made, when an attempt begins, when it was answered and when the
    run ends. ``left_out`` counts the changes that are not listed.
    """

    type: Literal["account.changed"] = "account.changed"
    during: tuple[ServedAttempt, ...]
    changes: tuple[AccountChange, ...]
    left_out: int = 0


class AccountHeld(RecordBase):
    """What the account held when the run ended: the first of its ``things_in_all`` resources.

    ``lost``: it could not be looked at any more.
    """

    type: Literal["account.held"] = "account.held"
    things: tuple[HeldThing, ...]
    things_in_all: int
    lost: bool = False


# --- workflows ----------------------------------------------------------------------------------------------------


class WorkflowStarted(RecordBase):
    """An execution of a state machine began; request ``request`` started it, or step ``step`` (from 0).

    Neither where the scenario's resources have started it. ``input`` is the beginning of a text.
    """

    type: Literal["workflow.started"] = "workflow.started"
    execution: str
    machine: str
    name: str
    request: int = 0
    step: int | None = Field(default=None, exclude_if=lambda value: value is None)
    input: str
    graph: WorkflowGraph


class WorkflowMoved(RecordBase):
    """Something happened in a state of an execution. ``place`` are the branches or items that it is in, as ``0/2``.

    ``text`` is the beginning of the input of a state that was entered, of the output of one that was left. ``wait_s``
    is how long one waits, or until it is tried again.
    """

    type: Literal["workflow.moved"] = "workflow.moved"
    execution: str
    what: Literal["entered", "exited", "waits", "retried", "caught", "failed", "aborted"]
    state: str
    place: str = Field(default="", exclude_if=_is_empty)
    text: str = Field(default="", exclude_if=_is_empty)
    error: str = Field(default="", exclude_if=_is_empty)
    cause: str = Field(default="", exclude_if=_is_empty)
    wait_s: float = Field(default=0.0, exclude_if=lambda value: not value)


class WorkflowEnded(RecordBase):
    """An execution ended. ``left_out`` counts what happened in it and is not recorded; ``refused`` the executions of
    the run that were not begun, up to now.
    """

    type: Literal["workflow.ended"] = "workflow.ended"
    execution: str
    status: Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    output: str = ""
    error: str = Field(default="", exclude_if=_is_empty)
    cause: str = Field(default="", exclude_if=_is_empty)
    left_out: int = Field(default=0, exclude_if=lambda value: not value)
    refused: int = Field(default=0, exclude_if=lambda value: not value)


# --- environments -------------------------------------------------------------------------------------------------


class EnvironmentCreated(RecordBase):
    """The service created it; ``log_stream`` is its CloudWatch stream, ``function`` as in RequestArrived."""

    type: Literal["environment.created"] = "environment.created"
    initialization: InitializationName
    created_by: CreatedBy
    log_stream: str
    function: str | None = None


class EnvironmentFrozen(RecordBase):
    """All of its processes are stopped from here on. ``worked_us`` is the processor time that they have used."""

    type: Literal["environment.frozen"] = "environment.frozen"
    processes: int
    worked_us: int = 0


class EnvironmentThawed(RecordBase):
    """All of its processes run again from here on."""

    type: Literal["environment.thawed"] = "environment.thawed"
    processes: int


class InitFailed(RecordBase):
    """Why the init phase failed. The next request repeats the init, and may not have the time to get so far.

    ``said`` is what the runtime posted, cut. What a repeated init posts is its request's answer.
    """

    type: Literal["init.failed"] = "init.failed"
    said: str


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


class ExtensionSeen(RecordBase):
    """Something happened to an extension of the environment.

    ``external``: a process of its own, started from ``/opt/extensions``; else it registered from the runtime's.
    ``what``: its process was started or could not be (``text``: why), it registered (``text``: for which events), asked
    for its next event (ready), was given an invocation or the news of the shutdown, reported an error (``text``: its
    type), its process exited (``text``: how), or was killed at the end of the budget.
    """

    type: Literal["extension.seen"] = "extension.seen"
    name: str
    external: bool
    what: ExtensionMoment
    text: str = Field(default="", exclude_if=_is_empty)


# --- the platform's own records -----------------------------------------------------------------------------------


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


class PlatformExtension(_PlatformRecord):
    """An extension at the end of an init: its state, and the events that it registered for."""

    type: Literal["platform.extension"] = "platform.extension"
    name: str
    state: str
    events: tuple[str, ...]
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


class PlatformTelemetrySubscription(_PlatformRecord):
    """An extension subscribed by the Telemetry API."""

    type: Literal["platform.telemetrySubscription"] = "platform.telemetrySubscription"
    name: str
    state: str
    types: tuple[str, ...]


class PlatformLogsSubscription(_PlatformRecord):
    """An extension subscribed by the Logs API."""

    type: Literal["platform.logsSubscription"] = "platform.logsSubscription"
    name: str
    state: str
    types: tuple[str, ...]


class PlatformLogsDropped(_PlatformRecord):
    """Records did not reach a subscriber."""

    type: Literal["platform.logsDropped"] = "platform.logsDropped"
    dropped_bytes: int
    dropped_records: int
    reason: str


PlatformRecord: TypeAlias = (
    PlatformInitStart
    | PlatformInitRuntimeDone
    | PlatformInitReport
    | PlatformExtension
    | PlatformTelemetrySubscription
    | PlatformLogsSubscription
    | PlatformLogsDropped
    | PlatformStart
    | PlatformRuntimeDone
    | PlatformReport
)


# --- output and state ---------------------------------------------------------------------------------------------


class LogWritten(RecordBase):
    """One line the function wrote, or an extension, if one is named.

    ``level`` is set for lines that came as telemetry frames.
    """

    type: Literal["log.line"] = "log.line"
    stream: Literal["stdout", "stderr", "telemetry"]
    text: str
    level: str = ""
    cut: int = 0
    extension: str = Field(default="", exclude_if=_is_empty)


class OutputTruncated(RecordBase):
    """Output was discarded at the source because it exceeded the limits of its phase."""

    type: Literal["output.truncated"] = "output.truncated"
    lines: int
    bytes: int


class StateLeaf(RecordBase):
    """One value held by user code. ``path`` is written as in code, ``app.cache['k'][0]``.

    ``carrier`` is the named place that holds it (``app.cache``); ``value`` is its text, cut at the probe's limit.
    ``package`` and ``version`` say which installed package holds it, where one does.
    """

    root: StateRoot
    carrier: str
    path: str
    kind: str
    value: str
    truncated: bool = False
    package: str = Field(default="", exclude_if=_is_empty)
    version: str = Field(default="", exclude_if=_is_empty)


class LateLine(RecordBase):
    """A line in one invocation that was written by work of request ``started_by``.

    ``started_by`` 0 is module code, -1 an unknown request. ``text`` is cut at 1 KB; with ``effect`` it is not a line
    but an action: on a file (``wrote``, ``removed``, ``renamed``, ``made-folder``, ``removed-folder``) with its path,
    or ``sent`` with the number of bytes and the port of a peer.
    """

    started_by: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    effect: Literal["", "file", "peer"] = ""


class StateCaptured(RecordBase):
    """State held after init (``after_index`` 0) or after request ``after_index``, from a replay with the probe.

    ``late`` is output during that request from earlier work. ``disturbed`` says how user code interfered with the
    probe, if that was noticed: the walk is then not reliable.
    """

    type: Literal["state.captured"] = "state.captured"
    after_index: int
    leaves: tuple[StateLeaf, ...]
    nodes: int
    truncated: bool
    took_us: int = 0
    late: tuple[LateLine, ...] = ()
    disturbed: ProbeMessage | None = None


class SessionWalked(RecordBase):
    """State of an environment while a session goes on, for whoever watches; ``state`` alone would be evidence."""

    type: Literal["session.walked"] = "session.walked"
    state: StateCaptured


class LateWork(RecordBase):
    """Output or an effect inside one invocation that comes from work of an earlier one.

    ``started_by`` is the index of the request that started it (0: module code); ``ran_in`` the index it appeared in.
    ``kind`` is the thread, timer, child process or promise, as far as known; ``evidence`` says how it is known.
    ``effect`` is empty for output; else it says what ``done`` was done to.
    """

    type: Literal["work.late"] = "work.late"
    started_by: int
    ran_in: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    evidence: LateMessage
    effect: Literal["", "file", "peer"] = ""
    done: LateMessage | None = None


# --- replays ------------------------------------------------------------------------------------------------------


class ProofStarted(RecordBase):
    """The scenario is done and its verdict is to be proven, within ``seconds`` of run time and ``replays`` in all."""

    type: Literal["proof.started"] = "proof.started"
    seconds: float
    replays: int


class LeafChange(RecordBase):
    """In a replay, leaf ``leaf`` of request ``index``'s payload was ``value`` (JSON text) in place of what it is."""

    index: int
    leaf: str
    value: str

    def parsed(self) -> Any:
        """The value itself."""
        return json.loads(self.value)


class ReplayStarted(RecordBase):
    """The verdict asked for a replay of ``indexes``, in order.

    ``history`` is one request alone or after what ran before it, ``xray`` the same requests with the probe,
    ``interference`` requests of which one was sent with ``changes``, ``carrier`` requests before whose last the
    places ``restored`` were put back, ``account`` one request that meets AWS's services as request ``as_of`` met them
    (0: as itself did). ``replay`` numbers the replays of a run from 1; ``wanted`` is how many the verdict had asked for
    by then, 0 where that was not recorded.
    """

    type: Literal["replay.started"] = "replay.started"
    purpose: Purpose
    indexes: tuple[int, ...]
    round: int
    replay: int = 0
    wanted: int = 0
    changes: tuple[LeafChange, ...] = ()
    restored: tuple[str, ...] = ()
    as_of: int = Field(default=0, exclude_if=_is_none)


class ReplayAnswered(RecordBase):
    """What request ``index`` was answered in the replay of that number, and what it logged."""

    type: Literal["replay.answered"] = "replay.answered"
    purpose: Purpose
    index: int
    round: int
    outcome: str
    response: str
    log: tuple[str, ...] = ()
    replay: int = 0


class ProofSlowed(RecordBase):
    """Replays side by side differed where replays one after the other agree; from here on each is alone."""

    type: Literal["proof.slowed"] = "proof.slowed"


class ProofJudged(RecordBase):
    """What the replays so far leave of the gravest finding. Only a leak is said before the proof is over."""

    type: Literal["proof.judged"] = "proof.judged"
    grade: Literal["leak"]
    confidence: Literal["proven", "strong", "suspected"]


class ProofStopped(RecordBase):
    """Replays ended before all that were wanted were played; ``why`` says which budget ran out."""

    type: Literal["proof.stopped"] = "proof.stopped"
    played: int
    wanted: int
    why: StoppedMessage


# --- a record in its place ----------------------------------------------------------------------------------------

Record = Annotated[
    RunStarted
    | StepStarted
    | RunFinished
    | SessionOpened
    | SessionExtended
    | SessionStepped
    | SessionArmed
    | SessionWalked
    | SessionRevised
    | SessionCallers
    | SessionEnded
    | DependenciesWanted
    | DependenciesLocked
    | DependenciesInstalled
    | DependenciesFailed
    | ServiceWaited
    | RequestArrived
    | RequestAssigned
    | RequestThrottled
    | RequestRefused
    | AnswerStreamed
    | RequestAnswered
    | RequestQueued
    | RequestDiscarded
    | RequestDelivered
    | MessagesHandled
    | PeerEvent
    | AccountRefused
    | AccountCalled
    | AccountChanged
    | AccountHeld
    | WorkflowStarted
    | WorkflowMoved
    | WorkflowEnded
    | LateWork
    | EnvironmentCreated
    | EnvironmentFrozen
    | EnvironmentThawed
    | InitFailed
    | EnvironmentReset
    | EnvironmentResetDone
    | EnvironmentShutdown
    | EnvironmentTerminated
    | ExtensionSeen
    | PlatformInitStart
    | PlatformInitRuntimeDone
    | PlatformInitReport
    | PlatformExtension
    | PlatformTelemetrySubscription
    | PlatformLogsSubscription
    | PlatformLogsDropped
    | PlatformStart
    | PlatformRuntimeDone
    | PlatformReport
    | LogWritten
    | OutputTruncated
    | StateCaptured
    | ProofStarted
    | ReplayStarted
    | ReplayAnswered
    | ProofSlowed
    | ProofJudged
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
