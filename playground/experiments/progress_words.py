"""What a run is doing now, in one sentence, from its last events. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments import words
from sandbox_runner import events as log
from sandbox_runner.proof_results import proof_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events import Event

_WAITING = {
    "queued": "Waiting for a worker.",
    "running": "A worker has taken it; the sandbox is starting.",
    "proving": "The scenario is done; the verdict is being proven.",
}
_REPLAYED = {
    "history": "once more",
    "xray": "with the probe",
    "interference": "to see whose data comes out",
    "carrier": "with what was kept put back",
}


def now(events: Sequence[Event], status: str) -> str:
    """The sentence; always one, whatever has happened so far."""
    arrived = {e.request_id: e.record for e in events if isinstance(e.record, log.RequestArrived)}
    if status == "queued":
        return _WAITING["queued"]
    for at in range(len(events) - 1, -1, -1):
        said = _replay(events, at) or _environment(events[at]) or _request(events[at], arrived)
        if said:
            return said
    return _WAITING.get(status, "")


def _replay(events: Sequence[Event], at: int) -> str:
    record = events[at].record
    if isinstance(record, log.ProofStarted):
        return f"Proving: 0 of {record.replays} replays."
    if isinstance(record, log.ReplayStarted):
        why = _REPLAYED[record.purpose] if len(record.indexes) > 1 else "alone, in a fresh process"
        asked = ", ".join(str(index) for index in record.indexes[:8])
        which = f"{'request' if len(record.indexes) == 1 else 'requests'} {asked}"
        return f"Proving: {_used(events[: at + 1])}; {which} {why}."
    if isinstance(record, log.ProofStopped):
        return f"Proving: ended after {record.played} of {record.wanted} replays, {record.why}."
    return ""


def _used(events: Sequence[Event]) -> str:
    """``12 of 60 replays, 1.4 s``."""
    used = proof_result(events)
    if used is None:
        return words.count(sum(isinstance(event.record, log.ReplayStarted) for event in events), "replay")
    return f"{used.replays} of {used.replays_max} replays, {words.seconds(used.seconds)}"


def _environment(event: Event) -> str:
    match event.record:
        case log.EnvironmentCreated():
            doing = "starting"
        case log.PlatformInitStart(phase=phase):
            doing = "init" if phase == "init" else "init again, suppressed"
        case log.PlatformInitReport():
            doing = "initialised"
        case log.EnvironmentReset(reason=reason):
            doing = f"being reset after a {reason}"
        case log.EnvironmentFrozen():
            doing = "frozen"
        case log.EnvironmentShutdown():
            doing = "shutting down"
        case _:
            return ""
    return f"Environment {event.environment}: {doing}."


def _request(event: Event, arrived: dict[str | None, log.RequestArrived]) -> str:
    record, request = event.record, arrived.get(event.request_id)
    if isinstance(record, log.RunFinished):
        return "The scenario is done; the verdict is being drawn up."
    if isinstance(record, log.StepStarted):
        return f"Step {record.index + 1}: {record.what}."
    if request is None:
        return ""
    name = words.request_name(request.index, request.principal)
    name = name[0].upper() + name[1:]
    if isinstance(record, log.PlatformStart):
        return f"{name}: running."
    return f"{name}: answered." if isinstance(record, log.RequestAnswered) else ""
