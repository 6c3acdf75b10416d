"""What the host tells a guest to do. The wire's own module is where both sides take these from."""

from __future__ import annotations

from dataclasses import dataclass, field


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
