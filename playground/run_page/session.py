"""How long a live session goes on, from its events. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, told
from playground.text.display_text import readable
from sandbox_runner import limits
from sandbox_runner.events.records import (
    RequestAnswered,
    RequestArrived,
    RunStarted,
    SessionArmed,
    SessionCallers,
    SessionEnded,
    SessionExtended,
    SessionOpened,
    SessionStepped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import Event

_ENDED: Final = {
    "asked": N_("The session was ended. Its requests are being proven."),
    "idle": N_("The session ended because no request came for a while. Its requests are being proven."),
    "total": N_("The session's time is up. Its requests are being proven."),
    "requests": N_("The session has had all the requests it may. They are being proven."),
}


_CALLERS: Final = {
    "request": N_("Each request is a caller of its own."),
    "header": N_("Callers are told apart by the header %(name)s."),
    "query": N_("Callers are told apart by the query parameter %(name)s."),
    "token": N_("Callers are told apart by their bearer token."),
    "connection": N_("Callers are told apart by their connection."),
}
_ARMED: Final = {
    "crash": N_("The next request crashes: the runtime's process is killed when the handler has its answer."),
    "timeout": N_("The next request times out: its answer is held back until the function's time is up."),
}
_HEARD: Final = (SessionExtended, SessionStepped, SessionArmed, SessionCallers, RequestArrived, RequestAnswered)


@dataclass(frozen=True, slots=True)
class SessionView:
    """``is_open`` while requests are taken. It ends at ``ends_by``, and at ``idle_until`` if no request comes."""

    is_open: bool
    idle_until: datetime
    ends_by: datetime
    may_extend: bool
    requests: int
    requests_max: int
    ended: str
    callers: str
    armed: str
    done: tuple[str, ...]

    @property
    def next_end(self) -> datetime:
        """The end that comes first unless a request does."""
        return min(self.idle_until, self.ends_by)


def session_view(events: Sequence[Event]) -> SessionView | None:
    """The session of these events, if they have one."""
    epoch_ms = next((each.record.at_epoch_ms for each in events if isinstance(each.record, RunStarted)), 0)
    opened = next((each for each in events if isinstance(each.record, SessionOpened)), None)
    if opened is None or not isinstance(opened.record, SessionOpened):
        return None
    total_s, idle_s, ended = opened.record.total_s, opened.record.idle_s, ""
    heard_us = opened.at_us
    for event in events:
        if isinstance(event.record, SessionExtended):
            total_s = event.record.total_s
        if isinstance(event.record, _HEARD):
            heard_us = max(heard_us, event.at_us)
        if isinstance(event.record, SessionEnded):
            ended = _(_ENDED[event.record.why])
    begun = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms)
    ends_by = begun + timedelta(microseconds=opened.at_us, seconds=total_s)
    return SessionView(
        is_open=not ended,
        idle_until=begun + timedelta(microseconds=heard_us, seconds=idle_s),
        ends_by=ends_by,
        may_extend=total_s < limits.LIVE_AT_MOST_S,
        requests=sum(isinstance(each.record, RequestArrived) and each.record.is_of_scenario for each in events),
        requests_max=limits.LIVE_REQUESTS_MAX,
        ended=ended,
        callers=_callers(events),
        armed=_armed(events),
        done=tuple(told(each.record.what) for each in events if isinstance(each.record, SessionStepped)),
    )


def _armed(events: Sequence[Event]) -> str:
    """What the next request meets, unless one has met it since."""
    armed = ""
    for event in events:
        if isinstance(event.record, SessionArmed):
            armed = _(_ARMED[event.record.fault])
        elif isinstance(event.record, RequestArrived) and event.record.fault:
            armed = ""
    return armed


def _callers(events: Sequence[Event]) -> str:
    rules = [each.record for each in events if isinstance(each.record, SessionCallers)]
    return _(_CALLERS[rules[-1].by]) % {"name": readable(rules[-1].name)} if rules else ""
