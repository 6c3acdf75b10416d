"""Figures and things of a run in words, the same on every page. Pure."""

from __future__ import annotations

from typing import Final

from playground.experiments.visible import readable
from sandbox_runner import logs
from sandbox_runner.results import Outcome, Verdict

NOTHING: Final = "\u2013"

VERDICTS: Final = {
    Verdict.LEAK: ("leak", "LEAK", "▲"),
    Verdict.HISTORY_DEPENDENT: ("history", "HISTORY-DEPENDENT", "◆"),
    Verdict.RETAINED: ("retained", "RETAINED", "●"),
    Verdict.CLEAN: ("clean", "CLEAN", "✓"),
    Verdict.UNDETERMINED: ("undetermined", "UNDETERMINED", "?"),
}

OUTCOMES: Final = {
    Outcome.SUCCESS: "success",
    Outcome.FUNCTION_ERROR: "function error",
    Outcome.TIMEOUT: "timed out",
    Outcome.RUNTIME_EXIT: "runtime exited",
    Outcome.OUT_OF_MEMORY: "out of memory",
    Outcome.INIT_ERROR: "init error",
    Outcome.THROTTLED: "throttled",
    Outcome.REQUEST_TOO_LARGE: "request too large",
    Outcome.NOT_PLAYED: "not played",
}

STARTS: Final = {
    "cold": "cold",
    "warm": "warm",
    "provisioned": "provisioned",
    "restored": "restored",
    "suppressed-init": "suppressed init",
    "none": NOTHING,
}

PHASES: Final = {
    "init": "init",
    "restore": "restore",
    "invoke": "invoke",
    "suppressed-init": "suppressed init",
    "frozen": "frozen",
    "reset": "reset",
    "shutdown": "shutdown",
}

ENDINGS: Final = {
    "spindown": "ended by the service (spin-down)",
    "failure": "ended after a failure",
    "timeout": "ended after a timeout",
    "run-ended": "ended with the run",
}

CREATORS: Final = {
    "request": "for a request",
    "proactive": "ahead of need (proactive)",
    "provisioned": "as provisioned concurrency",
    "snapshot": "from a snapshot",
}
# What a lane has room for below the environment's name; a request's own environment needs no word.
CREATORS_SHORT: Final = {"proactive": "proactive", "provisioned": "provisioned", "snapshot": "snapshot"}

CONDITIONS_OF_END: Final = {
    "": "not ended with the run",
    "Success": "delivered",
    "RetriesExhausted": "given up: every attempt failed",
    "EventAgeExceeded": "given up: its maximum age was reached",
    "ZeroReservedConcurrency": "given up: reserved concurrency is 0",
}

STATUSES: Final = {
    "queued": "Queued",
    "running": "Running",
    "proving": "Proving",
    "finished": "Finished",
    "failed": "Failed",
    "cancelled": "Cancelled",
}

CONFIDENCES: Final = {
    "proven": "proven",
    "strong": "strong evidence",
    "suspected": "suspected",
}

CONDITIONS: Final = {"alone": "alone, in a fresh environment"}


def span(microseconds: int) -> str:
    """A length of time with the unit a person would choose: ``850 µs``, ``3.1 ms``, ``41 ms``, ``5 s``, ``2 min``."""
    if microseconds < 1_000:
        return f"{max(microseconds, 0)} µs"
    if microseconds < 10_000:
        return f"{microseconds / 1_000:.1f} ms"
    if microseconds < 1_000_000:
        return f"{round(microseconds / 1_000)} ms"
    if microseconds < 120_000_000:
        return f"{microseconds / 1_000_000:.3g} s"
    if microseconds < 7_200_000_000:
        return f"{microseconds / 60_000_000:.3g} min"
    return f"{microseconds / 3_600_000_000:.3g} h"


def seconds(value: float) -> str:
    """A share of a budget: ``0.4 s``, ``10.0 s``."""
    return f"{value:,.1f} s"


def milliseconds(value: float | None) -> str:
    """A figure of a REPORT line as it prints it, without its unit."""
    if value is None:
        return NOTHING
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 request``, ``2 requests``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes as a person says them; KB and MB are 1024-fold, as on Lambda."""
    return count(number, "byte") if number < 1024 else logs.size(number)


def request_name(index: int, principal: str) -> str:
    """``request 2 (tenant-b)``; a request without a principal of its own is only numbered."""
    return f"request {index}" if principal == f"request-{index}" else f"request {index} ({readable(principal)})"
