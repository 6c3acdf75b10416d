"""What a run is doing now, in one sentence, from its last events. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.i18n.marking import N_, Words, _, ngettext
from playground.text import labels
from sandbox_runner.events import records as log
from sandbox_runner.projections.proof_budget import proof_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event

_WAITING = Words(
    {
        "queued": N_("Waiting for a worker."),
        "engine": N_("Your run waits: the sandbox engine is not answering; it will be played when it is back."),
        "running": N_("A worker has taken it; the sandbox is starting."),
        "proving": N_("The scenario is done; the verdict is being proven."),
    }
)
_REPLAYED = Words(
    {
        "history": N_("once more"),
        "xray": N_("with the probe"),
        "interference": N_("to see whose data comes out"),
        "carrier": N_("with what was kept put back"),
    }
)
_DOING = Words(
    {
        log.EnvironmentCreated: N_("starting"),
        log.PlatformInitReport: N_("initialised"),
        log.EnvironmentFrozen: N_("frozen"),
        log.EnvironmentShutdown: N_("shutting down"),
    }
)


def now(events: Sequence[Event], status: str, *, engine_away: bool = False) -> str:
    """The sentence; always one, whatever has happened so far.

    :param engine_away: whether a run that waits does so because no sandbox can be made.
    """
    arrived = {e.request_id: e.record for e in events if isinstance(e.record, log.RequestArrived)}
    if status == "queued":
        return _WAITING["engine" if engine_away else "queued"]
    for at in range(len(events) - 1, -1, -1):
        said = _replay(events, at) or _environment(events[at]) or _request(events[at], arrived)
        if said:
            return said
    return _WAITING.get(status, "")


def _replay(events: Sequence[Event], at: int) -> str:
    record = events[at].record
    if isinstance(record, log.ProofStarted):
        return _("Proving: 0 of %(all)s replays.") % {"all": record.replays}
    if isinstance(record, log.ReplayStarted):
        why = _REPLAYED[record.purpose] if len(record.indexes) > 1 else _("alone, in a fresh process")
        asked = ", ".join(str(index) for index in record.indexes[:8])
        which = ngettext("request %(asked)s", "requests %(asked)s", len(record.indexes)) % {"asked": asked}
        return _("Proving: %(used)s; %(which)s %(why)s.") % {
            "used": _used(events[: at + 1]),
            "which": which,
            "why": why,
        }
    if isinstance(record, log.ProofStopped):
        ended = _("Proving: ended after %(played)s of %(wanted)s replays, %(why)s.")
        return ended % {"played": record.played, "wanted": record.wanted, "why": record.why}
    return ""


def _used(events: Sequence[Event]) -> str:
    """``12 of 60 replays, 1.4 s``."""
    used = proof_result(events)
    if used is None:
        return labels.replays(sum(isinstance(event.record, log.ReplayStarted) for event in events))
    said = _("%(used)s of %(most)s replays, %(seconds)s")
    return said % {"used": used.replays, "most": used.replays_max, "seconds": labels.seconds(used.seconds)}


def _environment(event: Event) -> str:
    doing = _doing(event.record)
    if not doing:
        return ""
    return _("Environment %(environment)s: %(doing)s.") % {"environment": event.environment, "doing": doing}


def _doing(record: object) -> str:
    if isinstance(record, log.PlatformInitStart):
        return _("init") if record.phase == "init" else _("init again, suppressed")
    if isinstance(record, log.EnvironmentReset):
        return _("being reset after a timeout") if record.reason == "timeout" else _("being reset after a failure")
    return next((_DOING[kind] for kind in _DOING if isinstance(record, kind)), "")


def _request(event: Event, arrived: dict[str | None, log.RequestArrived]) -> str:
    record, request = event.record, arrived.get(event.request_id)
    if isinstance(record, log.RunFinished):
        return _("The scenario is done; the verdict is being drawn up.")
    if isinstance(record, log.StepStarted):
        return _("Step %(number)s: %(what)s.") % {"number": record.index + 1, "what": record.what}
    if request is None:
        return ""
    name = labels.request_at_start(request.index, request.principal)
    if isinstance(record, log.PlatformStart):
        return _("%(name)s: running.") % {"name": name}
    return _("%(name)s: answered.") % {"name": name} if isinstance(record, log.RequestAnswered) else ""
