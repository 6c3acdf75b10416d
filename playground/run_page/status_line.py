"""What a run is doing now, from its last events. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.i18n.marking import told
from sandbox_runner.events import records as log
from sandbox_runner.messages import Message, cut, say
from sandbox_runner.projections.proof_budget import proof_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.messages import Who

_WAITING: Final = {
    "queued": say("waiting-for-a-worker"),
    "engine": say("waiting-for-the-engine"),
    "running": say("sandbox-is-starting"),
    "proving": say("verdict-is-being-proven"),
}
_DOING: Final = {
    log.EnvironmentCreated: "starting",
    log.PlatformInitReport: "initialised",
    log.EnvironmentFrozen: "frozen",
    log.EnvironmentShutdown: "shutting-down",
}
_SHOWN_MAX: Final = 8


def now(events: Sequence[Event], status: str, *, engine_away: bool = False, judged: bool = True) -> str:
    """What :func:`progress` says, in the page's language; empty where it says nothing."""
    said = progress(events, status, engine_away=engine_away, judged=judged)
    return told(said) if said else ""


def progress(events: Sequence[Event], status: str, *, engine_away: bool = False, judged: bool = True) -> Message | None:
    """The newest that is to be said; a run that is over says nothing more than its events do.

    :param engine_away: whether a run that waits does so because no sandbox can be made.
    :param judged: whether what is known of a leak is to be said; it may stand beside.
    """
    arrived = {e.request_id: e.record for e in events if isinstance(e.record, log.RequestArrived)}
    if status == "queued":
        return _WAITING["engine" if engine_away else "queued"]
    for event in reversed(events):
        said = (
            _replay(events, event, judged=judged) or _packages(event) or _environment(event) or _request(event, arrived)
        )
        if said:
            return said
    return _WAITING.get(status)


def _replay(events: Sequence[Event], event: Event, *, judged: bool) -> Message | None:
    record = event.record
    if isinstance(record, log.ProofStarted):
        return say("proof-begins", most=record.replays)
    if isinstance(record, log.ReplayStarted):
        so_far = _replays_so_far(events, record)
        return _judged(events, so_far) if judged else so_far
    if isinstance(record, log.ProofStopped):
        return say("proof-ended", played=record.played, wanted=record.wanted, why=record.why)
    return None


def _judged(events: Sequence[Event], doing: Message) -> Message:
    """What is being done, after what is known already."""
    known = next((event.record for event in reversed(events) if isinstance(event.record, log.ProofJudged)), None)
    return say("judged-so-far", grade=known.grade, confidence=known.confidence, doing=doing) if known else doing


def _replays_so_far(events: Sequence[Event], last: log.ReplayStarted) -> Message:
    """How many of the replays that were asked for until now are over, and what bounds them."""
    used = proof_result(events)
    begun = sum(isinstance(event.record, log.ReplayStarted) for event in events)
    return say(
        "replays-so-far",
        played=len({event.record.replay for event in events if isinstance(event.record, log.ReplayAnswered)}),
        wanted=max(begun, last.wanted),
        most=used.replays_max if used else begun,
        seconds=round(used.seconds, 1) if used else 0.0,
        seconds_max=used.seconds_max if used else 0.0,
        requests=list(last.indexes[:_SHOWN_MAX]),
        purpose=last.purpose if len(last.indexes) > 1 else "alone",
    )


def _packages(event: Event) -> Message | None:
    match event.record:
        case log.DependenciesWanted(manifest=manifest):
            return say("packages-are-locked", file=manifest)
        case log.DependenciesLocked(packages=packages):
            return say("packages-are-installed", packages=len(packages))
        case log.DependenciesInstalled():
            return _WAITING["running"]
        case _:
            return None


def _environment(event: Event) -> Message | None:
    doing = _doing(event.record)
    return say("environment-is", environment=event.environment or "", doing=doing) if doing else None


def _doing(record: object) -> str:
    if isinstance(record, log.PlatformInitStart):
        return "init" if record.phase == "init" else "init-again"
    if isinstance(record, log.EnvironmentReset):
        return "reset-after-timeout" if record.reason == "timeout" else "reset-after-failure"
    return next((_DOING[kind] for kind in _DOING if isinstance(record, kind)), "")


def _request(event: Event, arrived: dict[str | None, log.RequestArrived]) -> Message | None:
    record, request = event.record, arrived.get(event.request_id)
    if isinstance(record, log.RunFinished):
        return say("verdict-is-being-drawn-up")
    if isinstance(record, log.SessionOpened | log.SessionExtended):
        return say("session-waits")
    if isinstance(record, log.StepStarted):
        return say("step-begins", number=record.index + 1, step=record.what)
    if request is None:
        return None
    if isinstance(record, log.PlatformStart):
        return say("request-runs", request=_who(request))
    return say("request-is-answered", request=_who(request)) if isinstance(record, log.RequestAnswered) else None


def _who(request: log.RequestArrived) -> Who:
    own = request.principal == f"request-{request.index}"
    return {"request": request.index, "as": "" if own else cut(request.principal), "repeated": False}
