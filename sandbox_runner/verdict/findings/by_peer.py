"""Requests that failed although they succeed alone, because of what happened to a connection before them. Pure.

What a replay cannot bring back is here told from the run itself: the other environments, and the time that passed
while this one was frozen. The peer's own log is the witness. It refused this environment because others held all its
places, or it had closed a connection that this environment had opened before the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import (
    EnvironmentFrozen,
    EnvironmentThawed,
    PeerEvent,
    PlatformStart,
    RequestAnswered,
    RequestAssigned,
)
from sandbox_runner.messages import say
from sandbox_runner.results.model import Evidence, Finding, Location, Outcome, Verdict
from sandbox_runner.verdict.evidence.case import observed, reader_of
from sandbox_runner.verdict.evidence.history import CONTROLS_MIN
from sandbox_runner.verdict.findings import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.messages import Message, Who
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played

FINDINGS_MAX: Final = 50
_FAILED: Final = frozenset(
    (
        Outcome.FUNCTION_ERROR,
        Outcome.RUNTIME_EXIT,
        Outcome.EXTENSION_EXIT,
        Outcome.INIT_ERROR,
        Outcome.TIMEOUT,
        Outcome.OUT_OF_MEMORY,
    )
)
_SHOWN_MAX: Final = 400


@dataclass(slots=True)
class _Connection:
    """One connection of a peer; times are run time. ``closed_by_peer`` says who hung up."""

    peer: str
    number: int
    environment: str
    opened_us: int
    closed_us: int | None = None
    closed_by_peer: bool = False


@dataclass(frozen=True, slots=True)
class _Why:
    """What a peer had done."""

    peer: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Window:
    """When a request was under way in an environment; an init that it waited for ends where its handler begins."""

    index: int
    environment: str
    start_us: int
    handler_us: int
    end_us: int


def unavailable(case: Case, events: Sequence[Event], reported: Collection[int]) -> tuple[Finding, ...]:
    """A finding for each request that failed on a peer and would not have failed alone.

    :param reported: requests whose answer is known to depend on what ran before already.
    """
    found: list[Finding] = []
    told = _Peers(case, events)
    for reader in case.facts.readers():
        if reader.index in reported or reader.answer is None or reader.answer.outcome not in _FAILED:
            continue
        alone = case.facts.controls(reader.index)
        if len(alone) < CONTROLS_MIN or any(each.outcome != Outcome.SUCCESS for each in alone):
            continue
        why = told.why_failed(reader.index)
        if why and len(found) < FINDINGS_MAX:
            found.append(_finding(case, reader, why, alone[0].response))
    return tuple(found)


def explained(depending: Sequence[Finding], failed: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding for each reader: what replays showed again first, then what a peer explains, then a suspicion."""
    shown = {_reader(each) for each in depending if each.confidence != "suspected"}
    peers = [each for each in failed if _reader(each) not in shown]
    left = {_reader(each) for each in peers}
    return tuple(sorted([*(each for each in depending if _reader(each) not in left), *peers], key=_reader))


def _reader(finding: Finding) -> int:
    return finding.reader.invocation if finding.reader else 0


def _finding(case: Case, reader: Played, why: _Why, alone: str) -> Finding:
    assert reader.answer is not None
    compared = Evidence(
        oracle="history",
        observations=(
            observed(say("in-this-run"), reader.answer.response[:_SHOWN_MAX]),
            observed(say("cold-start"), alone[:_SHOWN_MAX]),
        ),
    )
    return Finding(
        kind="history-dependent",
        grade=Verdict.HISTORY_DEPENDENT,
        **case.of_function(reader),
        location=Location(root="peer", path=why.peer, type="connection"),
        reader=reader_of(reader, ""),
        evidence=(compared,),
        severity="high",
        confidence="strong",
        messages=(wording.unavailable(case, reader, reader.answer.outcome), *why.messages),
    )


class _Peers:
    """What the peers saw, beside what the environments did meanwhile."""

    def __init__(self, case: Case, events: Sequence[Event]) -> None:
        self._case = case
        ordered = sorted(events, key=lambda each: each.at_us)
        self._windows = _windows(ordered)
        self._connections = _connections(ordered)
        self._refused = [
            (event.at_us, event.environment, event.record.peer)
            for event in ordered
            if isinstance(event.record, PeerEvent) and event.record.what == "refused"
        ]
        self._stretches = list(_frozen(ordered))

    def why_failed(self, index: int) -> _Why | None:
        """What a peer had done to the environment of a request; ``None`` where there is nothing of the kind."""
        window = self._windows.get(index)
        return None if window is None else self._full(window) or self._closed(window)

    def _full(self, window: _Window) -> _Why | None:
        for at_us, environment, peer in self._refused:
            if environment == window.environment and window.start_us <= at_us <= window.end_us:
                holders = [each for each in self._connections if each.peer == peer and _is_open(each, at_us)]
                others = sorted({each.environment for each in holders if each.environment != environment})
                if others:
                    holders_told = [(each, self._served(each)) for each in others]
                    return _Why(peer, wording.no_room(peer, environment, holders_told))
        return None

    def _closed(self, window: _Window) -> _Why | None:
        for each in reversed(self._connections):
            before = each.opened_us < window.start_us and (each.closed_us or window.end_us) < window.start_us
            if each.environment == window.environment and before and each.closed_by_peer:
                opener, frozen = self._who(self._opener(each)), self._was_frozen(each)
                return _Why(each.peer, wording.hung_up(each.peer, each.environment, opener, frozen=frozen))
        return None

    def _served(self, environment: str) -> bool:
        return any(each.environment == environment for each in self._windows.values())

    def _opener(self, connection: _Connection) -> int:
        """The request that opened it; 0 is init."""
        windows = (each for each in self._windows.values() if each.environment == connection.environment)
        return next((each.index for each in windows if each.handler_us <= connection.opened_us <= each.end_us), 0)

    def _who(self, index: int) -> Who:
        return wording.who(self._case, self._case.facts.requests[index]) if index else wording.MODULE_CODE

    def _was_frozen(self, connection: _Connection) -> bool:
        at_us = connection.closed_us or 0
        return any(name == connection.environment and a <= at_us <= b for name, a, b in self._stretches)


def _is_open(connection: _Connection, at_us: int) -> bool:
    return connection.opened_us <= at_us and (connection.closed_us is None or connection.closed_us > at_us)


def _windows(events: Sequence[Event]) -> dict[int, _Window]:
    """The last time at which each request was under way."""
    begun: dict[int, Event] = {}
    handed: dict[str, int] = {}
    found: dict[int, _Window] = {}
    for event in events:
        if isinstance(event.record, RequestAssigned):
            begun[event.record.index] = event
        elif isinstance(event.record, PlatformStart):
            handed[event.record.request_id] = event.at_us
        elif isinstance(event.record, RequestAnswered) and event.record.index in begun:
            start = begun[event.record.index]
            index = event.record.index
            handler_us = handed.get(start.request_id or "", start.at_us)
            found[index] = _Window(index, start.environment or "", start.at_us, handler_us, event.at_us)
    return found


def _connections(events: Sequence[Event]) -> list[_Connection]:
    found: dict[tuple[str, int], _Connection] = {}
    for event in events:
        record = event.record
        if not isinstance(record, PeerEvent):
            continue
        key = (record.peer, record.connection)
        if record.what == "connected":
            found[key] = _Connection(record.peer, record.connection, event.environment or "", event.at_us)
        elif record.what in ("closed-by-peer", "closed-by-client") and key in found:
            found[key].closed_us, found[key].closed_by_peer = event.at_us, record.what == "closed-by-peer"
    return list(found.values())


def _frozen(events: Sequence[Event]) -> Iterator[tuple[str, int, int]]:
    """Each stretch in which an environment was frozen and out of which it was thawed."""
    since: dict[str, int] = {}
    for event in events:
        if isinstance(event.record, EnvironmentFrozen):
            since[event.environment or ""] = event.at_us
        elif isinstance(event.record, EnvironmentThawed) and (event.environment or "") in since:
            yield event.environment or "", since.pop(event.environment or ""), event.at_us
