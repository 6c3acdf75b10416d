"""What host and guest say to each other. Pure.

All ``*_us`` are microseconds of CLOCK_MONOTONIC as the sender reads it. The field ``body`` of a message is what may be
large, see :mod:`.framing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, get_args

WIRE_VERSION = 1

# How many bytes of a connection may be under way in each direction, and how many of them one message carries.
PEER_WINDOW_BYTES = 16 * 1024
PEER_DATA_BYTES_MAX = 8 * 1024
# How many connections of one sandbox may be under way.
PEER_CONNECTIONS_MAX = 256

# --- host to guest -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Configure:
    """The function of this environment. Body: JSON object of task-root-relative path to file text.

    ``restore`` is what the probe puts back, see ``probes/python_restore.py``; empty for nothing.
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
    probe: bool = False
    state_leaves_max: int = 0
    state_bytes_max: int = 0
    # The port of each peer by its name; the supervisor listens there on loopback.
    peers: dict[str, int] = field(default_factory=dict)
    restore: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Init:
    """Start the runtime and let it initialise; ``phase`` is ``init``, or ``invoke`` for a suppressed init.

    ``limit_us`` is how long it may take from now. With ``freeze`` the guest freezes everything as soon as the runtime
    asks for its first event.
    """

    phase: str
    limit_us: int
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Invoke:
    """One event for the runtime. Body: the payload. The guest thaws first, and freezes when the runtime is done.

    ``headers`` are the Runtime API's ``/next`` headers, request id and deadline included; ``timeout_us`` is what is
    left of the function's timeout.
    """

    request_id: str
    timeout_us: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Freeze what was initialised and is wanted by nobody any more; answered by :class:`Frozen`."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Kill every process of the function, keep ``/tmp``; answered by :class:`ResetDone`."""

    reason: str
    budget_ms: int = 0


@dataclass(frozen=True, slots=True)
class Wipe:
    """Kill every process, empty everything writable, forget the configuration; answered by :class:`WipeDone`."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the environment within ``budget_ms``; answered by :class:`ShutdownDone`, then the guest exits."""

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

    ``error_type`` is normalised as the service's log shows it. ``exit`` says how the process ended where it did:
    ``exit status 1``, ``signal: killed``, or empty for exit status 0. Body: the JSON the runtime posted, if any.
    After error and timeout every process has been killed.
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
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Started:
    """The event was handed to the runtime."""

    request_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The runtime posted to ``/response`` or ``/error`` (``kind``). Body: what it posted, cut at the limit.

    ``size`` is the true size; ``too_large`` says the runtime was told 413. ``error_type`` is the normalised header of
    ``/error``, empty when it sent none.
    """

    request_id: str
    kind: str
    at_us: int
    size: int
    content_type: str = ""
    error_type: str = ""
    too_large: bool = False
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class InvokeDone:
    """An invocation has ended; ``status`` is success (back in ``/next``), timeout or exited.

    After timeout and exit the processes that are left are still there: the host orders the :class:`Reset`.
    """

    request_id: str
    status: str
    started_us: int
    at_us: int
    exit: str = ""
    out_of_memory: bool = False
    peak_memory_kb: int = 0


@dataclass(frozen=True, slots=True)
class Frozen:
    """Every process of the function is stopped since ``at_us``."""

    at_us: int
    processes: int


@dataclass(frozen=True, slots=True)
class Thawed:
    """Every process of the function runs again since ``at_us``."""

    at_us: int
    processes: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line (or one telemetry frame) the function wrote. ``stream``: stdout, stderr or telemetry.

    ``level`` is that of a telemetry frame, else empty. ``cut`` is the number of bytes that the line lost.
    """

    at_us: int
    stream: str
    text: str
    level: str = ""
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines in the order in which they were read; ``request_id`` is the invocation under way, else empty."""

    lines: list[LogLine]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Output over the caps of this phase was thrown away; the counts are those since the last ``Cut``."""

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
    """Every process of the function is gone; ``/tmp`` is as it was."""

    started_us: int
    at_us: int
    killed: int


@dataclass(frozen=True, slots=True)
class WipeDone:
    """The sandbox is as new."""

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
    """The supervisor itself failed; ours, never the user's."""

    message: str


# --- between a function and the scenario's peers, both ways -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeerOpen:
    """The function connected to ``peer``. The host refuses or answers; the guest ends each with a ``PeerClose``."""

    peer: str
    connection: int
    at_us: int


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """The peer takes no more clients: the guest resets ``connection``."""

    connection: int


@dataclass(frozen=True, slots=True)
class PeerData:
    """Bytes of ``connection``, which the guest numbers. At most :data:`PEER_WINDOW_BYTES` without a :class:`PeerMore`.

    ``at_us`` is the guest's reading, 0 from the host.
    """

    connection: int
    at_us: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PeerMore:
    """That many bytes of ``connection`` have gone on their way: as many more may come."""

    connection: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PeerClose:
    """Nothing more will come on ``connection``; over when both sides have said so. ``at_us`` as in ``PeerData``."""

    connection: int
    at_us: int = 0


# --- all of them --------------------------------------------------------------------------------------------------

HostMessage: TypeAlias = (
    Configure | Init | Freeze | Invoke | Reset | Wipe | Shutdown | PeerRefused | PeerData | PeerMore | PeerClose
)
GuestMessage: TypeAlias = (
    Hello
    | InitDone
    | Started
    | Answered
    | InvokeDone
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
