"""The result of a run: RunResult, its parts and its versioned JSON form. Pure.

Names are a contract (API, ``--json``, pages, stored results): within a version fields are added, never renamed.
Statements about a run are messages, codes with parameters; ``sentence`` is filled in only when a result is served to a
reader. Results of version 1 are read by :mod:`sandbox_runner.results.version_1`.
Everything here is projected from the event log by :mod:`sandbox_runner.projections` and :mod:`sandbox_runner.verdict`.
Times are milliseconds where the name says ``_ms`` and microseconds since the run began where it says ``_us``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sandbox_runner.events.records import Cause, CreatedBy, EndedBy, Event, InitializationName, StartKind
from sandbox_runner.messages import Kind, Message, say
from sandbox_runner.results.parts import (
    AccountResult,
    DependenciesResult,
    ExtensionResult,
    FunctionOfResult,
    Invoice,
    Part,
    ProofResult,
    StreamedResult,
    Truncated,
)
from sandbox_runner.results.version_1 import result_of_today
from sandbox_runner.scenario.field_types import KEPT, is_absent, is_empty
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

RESULT_VERSION = 2

FindingMessage = Annotated[Message, Kind("finding")]
PassageMessage = Annotated[Message, Kind("passage")]
ConditionMessage = Annotated[Message, Kind("condition")]
VerdictMessage = Annotated[Message, Kind("verdict")]
CheckMessage = Annotated[Message, Kind("check")]
LateMessage = Annotated[Message, Kind("late")]
LeftMessage = Annotated[Message, Kind("left")]


class Outcome(StrEnum):
    """How one attempt at one request ended. User code that fails is data."""

    SUCCESS = "success"
    FUNCTION_ERROR = "function-error"
    TIMEOUT = "timeout"
    RUNTIME_EXIT = "runtime-exit"
    OUT_OF_MEMORY = "out-of-memory"
    INIT_ERROR = "init-error"
    EXTENSION_EXIT = "extension-exit"
    THROTTLED = "throttled"
    REQUEST_TOO_LARGE = "request-too-large"
    NOT_PLAYED = "not-played"


class Verdict(StrEnum):
    """The most serious of the findings; ``undetermined`` if too little ran to say ``clean``.

    ``nothing-to-compare``: no request followed another in the same environment.
    """

    LEAK = "leak"
    HISTORY_DEPENDENT = "history-dependent"
    RETAINED = "retained"
    CLEAN = "clean"
    UNDETERMINED = "undetermined"
    NOTHING_TO_COMPARE = "nothing-to-compare"


Oracle = Literal["marker", "history", "interference", "xray", "carrier", "account"]


def _as_message(stored: object) -> object:
    """What results said in English words until they said it in codes."""
    return say("legacy", text=stored) if isinstance(stored, str) else stored


AboutSandbox = Annotated[Message, Kind("sandbox"), BeforeValidator(_as_message)]


class BackendResult(Part):
    """The backend that ran it: what it isolates, and how it does each aspect of Lambda's environment.

    ``installed`` has what the image carries for each runtime of the scenario: versions by package. Results from before
    AWS's SDKs were in the image have none. ``played_on`` maps each runtime of the scenario that is not here to the one
    that played its functions instead.
    """

    name: str
    isolation: AboutSandbox
    image_digest: str
    fidelity: dict[str, AboutSandbox]
    installed: dict[str, dict[str, str]] = Field(default_factory=dict)
    played_on: dict[str, str] = Field(default_factory=dict, exclude_if=is_empty)


class InvocationResult(Part):
    """One attempt at one request. ``principal`` is ``as`` in JSON.

    Only an asynchronous request (``invocation_type`` event) has more than one attempt; its answer is what a destination
    would get, while its caller got status 202. ``called_by`` is the request whose function made it, 0 where one did in
    its init, and ``cause`` what the service made it for; both are absent for a request of the scenario. ``streamed`` is
    absent for an answer that was sent as a whole; where one failed after its first byte, ``response`` is what had come.
    """

    index: int
    principal: str = Field(alias="as")
    request_id: str | None
    environment: str | None
    attempt: int = 1
    start: StartKind
    outcome: Outcome
    error_type: str | None = None
    payload: str
    status_code: int
    response: str
    duration_ms: float | None = None
    billed_duration_ms: int | None = None
    init_duration_ms: float | None = None
    restore_duration_ms: float | None = None
    max_memory_used_mb: int | None = None
    arrived_us: int
    answered_us: int | None = None
    log: tuple[str, ...] = ()
    truncated: Truncated = Truncated()
    invocation_type: Literal["sync", "event"] = "sync"
    function: FunctionOfResult = None
    called_by: int | None = Field(default=None, exclude_if=is_absent)
    cause: Cause | None = Field(default=None, exclude_if=is_absent)
    streamed: StreamedResult | None = Field(default=None, exclude_if=is_absent)


class AsynchronousResult(Part):
    """The outcome of one asynchronous request. ``principal`` is ``as`` in JSON.

    Its caller got ``status_code`` and an empty body at once. ``attempts`` counts those that ran, ``throttles`` those
    that could not. ``condition`` is ``Success``, the reason it was given up, or ``None`` if the run ended first.
    ``destination`` is the record of an on-success or on-failure destination, ``dead_letter`` the message of a
    dead-letter queue.
    """

    index: int
    principal: str = Field(alias="as")
    request_id: str | None
    status_code: int = 202
    attempts: int = 0
    throttles: int = 0
    condition: str | None = None
    destination: dict[str, Any] | None = None
    dead_letter: dict[str, Any] | None = None
    function: FunctionOfResult = None


class Span(Part):
    """A named interval in an environment's life."""

    phase: Literal["init", "restore", "invoke", "suppressed-init", "frozen", "reset", "shutdown"]
    start_us: int
    end_us: int
    request_id: str | None = None
    status: str = ""


class EnvironmentResult(Part):
    """One execution environment, from its creation to its end."""

    id: str
    initialization: InitializationName
    created_by: CreatedBy
    ended_by: EndedBy
    log_stream: str
    created_us: int
    ended_us: int
    spans: tuple[Span, ...]
    function: FunctionOfResult = None
    extensions: tuple[ExtensionResult, ...] = Field(default=(), exclude_if=is_empty)


class LogEntry(Part):
    """One CloudWatch log line; ``source`` is the platform, the function or an extension."""

    environment: str
    at_us: int
    line: str
    request_id: str | None = None
    source: Literal["platform", "function", "extension", "holdover"] = "function"
    function: FunctionOfResult = None


class Location(Part):
    """Where the data was held. ``path`` is written as in code: ``app.cache['user']``.

    ``package`` and ``version`` say which installed package held it, where one did.
    """

    root: str
    path: str
    type: str = ""
    package: str | None = Field(default=None, exclude_if=is_absent)
    version: str | None = Field(default=None, exclude_if=is_absent)

    @property
    def kind(self) -> str:
        """The kind of place, whatever the language: a file, a connection, or somewhere in a module."""
        return self.root if self.root in ("tmp-file", "peer") else "module"


class Writer(Part):
    """Whose data it is: leaf ``leaf`` of the payload of request ``invocation``; 0 is module code in init."""

    invocation: int
    principal: str = Field(alias="as")
    phase: Literal["init", "handler", "after-answer", "between"] = "handler"
    leaf: str = ""


class Reader(Part):
    """Where it appeared: ``output_path`` in the answer, or ``log``, of request ``invocation``."""

    invocation: int
    principal: str = Field(alias="as")
    output_path: str


class Observation(Part):
    """A text observed under a condition; null if there was none."""

    condition: ConditionMessage
    text: str | None


class Evidence(Part):
    """What was observed. ``form`` is how the value was written (plain, upper-case, base64 …)."""

    oracle: Oracle
    output_path: str = ""
    form: str = ""
    observations: tuple[Observation, ...] = ()
    repeats: int = 1


class SourceLine(Part):
    """A line of the user's code; ``role`` says what it does.

    ``file`` is its path, preceded by the function's name if functions have names: ``front/app.py``.
    """

    file: str
    line: int
    role: Literal["written", "read", "declared", "removed"] = "written"


class Pair(Part):
    """Another writer and reader between whom a finding's carrier held something over, with their own evidence.

    Where the finding is proven and a pair is not, the finding's own replays stand for it.
    """

    writer: Writer | None
    reader: Reader
    evidence: tuple[Evidence, ...]
    confidence: Literal["proven", "strong", "suspected"]
    messages: tuple[FindingMessage, ...]
    sentence: str = ""
    fingerprint: str = ""
    reproduces_with: tuple[int, ...] = ()


class Finding(Part):
    """One thing that was held over: who wrote it, who read it, what carried it and how we know.

    ``fingerprint`` is the same in every run that finds the same leak. ``reproduces_with`` lists the requests that were
    enough to reproduce it outside the run, in the order they were played; the last is the reader's. It is empty if that
    was not tried. ``pairs`` are the others that the same carrier held something over between; the finding's own writer
    and reader are those of whom most is known.
    """

    kind: Literal[
        "answer-leak", "log-leak", "background-log", "retained", "history-dependent", "interference-without-data"
    ]
    grade: Verdict
    runtime: str
    location: Location | None = None
    writer: Writer | None = None
    reader: Reader | None = None
    evidence: tuple[Evidence, ...] = ()
    carrier_confirmed: bool = False
    severity: Literal["critical", "high", "medium", "low", "info"]
    confidence: Literal["proven", "strong", "suspected"]
    truncated: bool = False
    sources: tuple[SourceLine, ...] = ()
    messages: tuple[FindingMessage, ...]
    sentence: str = ""
    fingerprint: str = ""
    reproduces_with: tuple[int, ...] = ()
    function: FunctionOfResult = None
    pairs: tuple[Pair, ...] = Field(default=(), exclude_if=is_empty)


class Passage(Part):
    """A value of one caller that another got by way of an AWS service, or of a function that both called.

    ``service`` is botocore's name, ``thing`` what kind of resource ``name`` is there (table, bucket, queue …), ``key``
    what in it; each of these is empty where it is not known. ``stored_by`` and ``read_by`` are the operations of the
    two calls. ``proven``: the reader was asked again with the account as it was before the writer, and did not get it.
    """

    service: str
    thing: str
    name: str
    key: str
    stored_by: str
    read_by: str
    runtime: str
    writer: Writer
    reader: Reader
    evidence: tuple[Evidence, ...] = ()
    confidence: Literal["proven", "strong", "suspected"]
    messages: tuple[PassageMessage, ...]
    sentence: str = ""
    function: FunctionOfResult = None


class Check(Part):
    """What an oracle checked, or why it did not."""

    oracle: Oracle
    done: bool
    messages: tuple[CheckMessage, ...]
    sentence: str = ""


class LateWorkResult(Part):
    """A line in request ``ran_in`` written by work that request ``started_by`` had started.

    ``started_by`` 0 is module code. With ``effect`` it is not a line: ``done`` says what was done to a file or a peer.
    ``frozen_us`` is when the work was first frozen, ``at_us`` when the line appeared.
    """

    environment: str
    request_id: str | None
    started_by: int
    ran_in: int
    kind: Literal["thread", "timer", "child", "promise", "unknown"]
    text: str
    evidence: LateMessage
    frozen_us: int | None
    at_us: int
    effect: Literal["", "file", "peer"] = ""
    done: LateMessage | None = None


class RunResult(Part):
    """Everything about a finished run; enough to draw its page and to play it again.

    ``left`` lists the steps not done when the wall-time budget ran out.
    """

    version: Literal[2] = 2
    scenario: Scenario
    backend: BackendResult
    verdict: Verdict
    verdict_messages: tuple[VerdictMessage, ...]
    verdict_sentence: str = ""
    findings: tuple[Finding, ...] = ()
    passages: tuple[Passage, ...] = Field(default=(), exclude_if=is_empty)
    checks: tuple[Check, ...] = ()
    service_time_compressed: bool = False
    ended: Literal["done", "out-of-time", "cancelled"] = "done"
    left: LeftMessage | None = None
    invocations: tuple[InvocationResult, ...]
    environments: tuple[EnvironmentResult, ...]
    log: tuple[LogEntry, ...]
    events: tuple[Event, ...]
    invoice: Invoice | None = None
    proof: ProofResult | None = None
    late_work: tuple[LateWorkResult, ...] = ()
    asynchronous: tuple[AsynchronousResult, ...] = ()
    dependencies: tuple[DependenciesResult, ...] = ()
    account: AccountResult | None = Field(default=None, exclude_if=is_absent)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> RunResult:
        """Read a stored result of this or an earlier version."""
        return cls.model_validate(result_of_today(stored), context=KEPT)

    def to_json(self) -> dict[str, Any]:
        """The JSON form for storage."""
        return self.model_dump(mode="json", by_alias=True)
