"""The messages between host and guest. Pure.

All ``*_us`` are microseconds of the sender's CLOCK_MONOTONIC. The field ``body`` of a message is what may be
large, see :mod:`.framing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, get_args

from .peer_messages import PEER_WINDOW_BYTES, PeerClose, PeerData, PeerMore, PeerOpen, PeerRefused
from .telemetry_messages import Subscribed, Telemetry, TelemetryDropped

WIRE_VERSION = 1

# --- host to guest -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Configure:
    """The function of this environment. Body: JSON object of task-root-relative path to file text.

    ``transforms`` has the files of which others are made, each with ``target``, ``loader``, ``kind``, ``settings`` and
    ``merged``, see :class:`sandbox_runner.runtimes.model.Transform`.
    ``restore`` is what the probe restores, see ``probes/python_restore.py``; empty for nothing.
    """

    runtime: str
    handler: str
    environment: dict[str, str]
    memory_mb: int
    tmp_mb: int
    log_lines_max: int
    log_bytes_max: int
    log_line_bytes_max: int
    response_bytes_max: int
    streamed_bytes_max: int = 0
    probe: bool = False
    state_leaves_max: int = 0
    state_bytes_max: int = 0
    # The port of each peer by name; the supervisor listens there on loopback.
    peers: dict[str, int] = field(default_factory=dict)
    # Names that lead to a peer beside its own: a regular expression by peer.
    names: dict[str, str] = field(default_factory=dict)
    # How many bytes of a connection to a peer may be in flight in each direction.
    peer_window_bytes: int = PEER_WINDOW_BYTES
    # Certificates that programs trust, in PEM; empty for none.
    trust: str = ""
    restore: str = ""
    transforms: dict[str, dict[str, str]] = field(default_factory=dict)
    account: str = ""  # Its number, for extensions that ask for it.
    concurrency: int = 0  # How many invocations there may be at once; 0 where they come one by one, frozen in between.
    gives_way: bool = True  # What the function starts has a lower priority than the supervisor.
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Init:
    """Start extensions and the runtime and let them initialise.

    ``phase`` is ``init``, or ``invoke`` for a suppressed init.

    ``limit_us`` is how long it may take from now. With ``freeze`` the guest freezes everything once the runtime and
    every extension have asked for their first event.
    """

    phase: str
    limit_us: int
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Invoke:
    """One event for the runtime. Body: the payload. The guest thaws first, and freezes when the runtime is done.

    Where :class:`Configure` has a ``concurrency``, it does neither, and others may be under way.

    ``headers`` are the Runtime API's ``/next`` headers, with request id and deadline; ``timeout_us`` is what is left of
    the function's timeout. ``fault`` is what happens in place of an answer: with ``crash`` the runtime is killed, with
    ``timeout`` nothing.
    """

    request_id: str
    timeout_us: int
    headers: dict[str, str]
    body: bytes = b""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Freeze an initialised environment that nobody needs now; answered by :class:`Frozen`."""


@dataclass(frozen=True, slots=True)
class Reset:
    """End every process of the function within ``budget_ms``, keep ``/tmp``; answered by :class:`ResetDone`.

    ``reason``: spindown, failure or timeout, which extensions are told.
    """

    reason: str
    budget_ms: int = 0


@dataclass(frozen=True, slots=True)
class Wipe:
    """Kill every process, empty everything writable, forget the configuration; answered by :class:`WipeDone`."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the environment within ``budget_ms``; answered by :class:`ShutdownDone`, then the guest exits.

    ``reason``: spindown, failure or timeout, which extensions are told.
    """

    reason: str
    budget_ms: int = 0


# --- guest to host -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: the supervisor is up. ``runtimes`` maps each runtime to its versions.

    ``boot_id`` tells the host whether both read the same kernel's clock.
    """

    wire_version: int
    boot_id: str
    monotonic_us: int
    runtimes: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class InitDone:
    """An initialisation has ended; ``status`` is success, error or timeout.

    ``error_type`` is normalised as in the service's log. ``exit`` says how the process ended, if it did: ``exit status
    1``, ``signal: killed``, or empty for exit status 0. Body: the JSON the runtime posted, if any. After error and
    timeout every process has been killed; where there are extensions, they are stopped until the host orders the
    :class:`Reset`.

    ``extensions`` has of each extension its ``kind`` (external or internal), its ``state``, its ``events``, separated
    by commas, and the ``error`` that it reported or was not launched for.
    """

    phase: str
    status: str
    started_us: int
    at_us: int
    error_type: str = ""
    exited: bool = False
    exit: str = ""
    out_of_memory: bool = False
    peak_memory_kb: int = 0
    extensions: dict[str, dict[str, str]] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Started:
    """The event was handed to the runtime."""

    request_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """The runtime streams its answer to ``/response``. Body: the next bytes of it. :class:`Answered` says its end."""

    request_id: str
    at_us: int
    content_type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """The runtime posted to ``/response`` or ``/error`` (``kind``). Body: what it posted, cut at the limit.

    ``size`` is the real size; ``too_large``: the runtime got 413. ``error_type`` is the normalised header of
    ``/error``, empty if it sent none. Of a ``streamed`` answer the parts have the bytes; ``kind`` is error if it failed
    after the first, with the error's type and, as body, what was said of it.
    """

    request_id: str
    kind: str
    at_us: int
    size: int
    content_type: str = ""
    error_type: str = ""
    too_large: bool = False
    streamed: bool = False
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class InvokeDone:
    """An invocation has ended; ``status`` is success (everyone back in ``next``), timeout or exited.

    ``error_type`` is set where an extension is why; ``exit`` then says how that one ended. After timeout and exit the
    remaining processes still exist: the host orders the :class:`Reset`.
    """

    request_id: str
    status: str
    started_us: int
    at_us: int
    exit: str = ""
    out_of_memory: bool = False
    peak_memory_kb: int = 0
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class RuntimeDone:
    """The runtime asked for its next event while extensions are still at work on the invocation, or on the init."""

    request_id: str
    started_us: int
    at_us: int


@dataclass(frozen=True, slots=True)
class ExtensionSeen:
    """Something happened to an extension. ``kind``: external or internal.

    ``what``: started, not-launched (``text``: why), registered (``text``: its events), ready (it asked for its next
    event), invoke or shutdown (it was given one), reported (``text``: its error type), exited (``text``: how), killed.
    """

    extension: str
    kind: str
    what: str
    at_us: int
    text: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Every process of the function is stopped since ``at_us``. ``worked_us`` is the processor time of them all."""

    at_us: int
    processes: int
    worked_us: int = 0


@dataclass(frozen=True, slots=True)
class Thawed:
    """Every process of the function runs again since ``at_us``."""

    at_us: int
    processes: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line (or one telemetry frame) the function wrote. ``stream``: stdout, stderr or telemetry.

    ``level`` is that of a telemetry frame, else empty. ``cut`` is how many bytes were cut off the line. ``extension``
    names the extension that wrote it, if one did.
    """

    at_us: int
    stream: str
    text: str
    level: str = ""
    cut: int = 0
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines in the order read; ``request_id`` is the current invocation's, else empty."""

    lines: list[LogLine]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Output over the limits of this phase was discarded; the counts are those since the last ``Cut``."""

    at_us: int
    lines: int
    bytes: int
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class StateCaptured:
    """What the probe found after ``after`` (init or invoke). Body: JSON, see ``probes``."""

    after: str
    at_us: int
    request_id: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ResetDone:
    """Every process of the function is gone; ``/tmp`` is unchanged."""

    started_us: int
    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class WipeDone:
    """The sandbox is clean."""

    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class ShutdownDone:
    """Every process is gone; the guest exits after this."""

    started_us: int
    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The supervisor itself failed: our failure, never the user's."""

    message: str


# --- all of them --------------------------------------------------------------------------------------------------

HostMessage: TypeAlias = (
    Configure
    | Init
    | Freeze
    | Invoke
    | Telemetry
    | Reset
    | Wipe
    | Shutdown
    | PeerRefused
    | PeerData
    | PeerMore
    | PeerClose
)
GuestMessage: TypeAlias = (
    Hello
    | InitDone
    | Started
    | AnswerPart
    | Answered
    | InvokeDone
    | RuntimeDone
    | ExtensionSeen
    | Subscribed
    | TelemetryDropped
    | Frozen
    | Thawed
    | Logs
    | Cut
    | StateCaptured
    | ResetDone
    | WipeDone
    | ShutdownDone
    | Fault
    | PeerOpen
    | PeerData
    | PeerMore
    | PeerClose
)
Message: TypeAlias = HostMessage | GuestMessage

HOST_MESSAGES: dict[str, type[HostMessage]] = {m.__name__: m for m in get_args(HostMessage)}
GUEST_MESSAGES: dict[str, type[GuestMessage]] = {m.__name__: m for m in get_args(GuestMessage)}
