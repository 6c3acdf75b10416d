"""The lanes of peers, drawn from their own logs: who connected, what came and went, who was refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, Words, _
from playground.run_page.timeline.axis import Stretch
from playground.run_page.timeline.shapes import GUTTER, MOTE, ROW_BAR, Mote, Outline, OutlineLane, fits, packed
from playground.text import labels
from playground.text.display_text import Pieces, readable, visible
from sandbox_runner.events.records import PeerEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.run_page.timeline.axis import Axis
    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario

REFUSED_PX: Final = 60
# Two bars keep the signs of both between them.
ROW: Final = ROW_BAR + 2 * MOTE + 2
ROWS_MAX: Final = 4
LOG_ROWS_MAX: Final = 500
TEXT_CHARACTERS: Final = 200
_WHAT: Final = Words(
    {
        "connected": N_("connected"),
        "refused": N_("refused"),
        "received": N_("received"),
        "sent": N_("sent"),
        "closed-by-peer": N_("closed by the peer"),
        "closed-by-client": N_("closed by the client"),
    }
)


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One line of a peer's log."""

    at: str
    peer: str
    connection: int
    environment: str
    what: str
    bad: bool
    bytes: str
    text: Pieces


@dataclass(frozen=True, slots=True)
class PeerLog:
    """Every line of every peer; ``left_out`` counts those over the page's limit."""

    rows: tuple[PeerRow, ...]
    left_out: int
    peers: tuple[str, ...]


@dataclass(slots=True)
class Connection:
    """One connection of a peer's, from its first event to its last, or to the end of what is known."""

    peer: str
    number: int
    environment: str
    start_us: int
    end_us: int
    ended: str = ""
    refused: bool = False
    moments: list[tuple[int, PeerEvent]] = field(default_factory=list)


def connections(events: Sequence[Event]) -> list[Connection]:
    """Every connection in the order in which they began."""
    found: dict[tuple[str, int], Connection] = {}
    last_us = max((event.at_us for event in events), default=0)
    for event in events:
        record = event.record
        if not isinstance(record, PeerEvent):
            continue
        new = Connection(record.peer, record.connection, event.environment or "", event.at_us, last_us)
        one = found.setdefault((record.peer, record.connection), new)
        if record.what == "refused":
            one.refused, one.end_us = True, event.at_us
        elif record.what.startswith("closed"):
            one.ended, one.end_us = _WHAT[record.what], event.at_us
        elif record.what != "connected":
            one.moments.append((event.at_us, record))
    return list(found.values())


def peer_log(events: Iterable[Event], scenario: Scenario) -> PeerLog:
    """The peers' own logs as one table, in the order of time."""
    lines = [event for event in events if isinstance(event.record, PeerEvent)]
    names = tuple(f"{peer.name}:{peer.port}" for peer in scenario.peers)
    return PeerLog(tuple(_row(event) for event in lines[:LOG_ROWS_MAX]), max(0, len(lines) - LOG_ROWS_MAX), names)


def _row(event: Event) -> PeerRow:
    record = event.record
    if not isinstance(record, PeerEvent):
        raise TypeError(record.type)
    return PeerRow(
        at=labels.span(event.at_us),
        peer=record.peer,
        connection=record.connection,
        environment=event.environment or labels.NOTHING,
        what=_WHAT[record.what],
        bad=record.what == "refused",
        bytes=labels.size(record.bytes) if record.bytes else "",
        text=visible(record.text, limit=TEXT_CHARACTERS),
    )


def stretches(known: Iterable[Connection]) -> list[Stretch]:
    """What the axis must have room for: refusals, and the ends of connections."""
    found = []
    for one in known:
        found.append(Stretch(one.start_us, one.start_us + 1, REFUSED_PX if one.refused else 4))
        if one.ended:
            found.append(Stretch(one.end_us, one.end_us + 1, 4))
    return found


def peer_lanes(known: Sequence[Connection], axis: Axis, y: int, pad: int) -> tuple[OutlineLane, ...]:
    """A lane for each peer that anybody reached, the first with its upper edge at ``y``."""
    lanes: list[OutlineLane] = []
    for name in dict.fromkeys(one.peer for one in known):
        lanes.append(_lane(name, [one for one in known if one.peer == name], axis, y, pad))
        y += lanes[-1].height
    return tuple(lanes)


def _lane(name: str, own: Sequence[Connection], axis: Axis, y: int, pad: int) -> OutlineLane:
    ends = [(one, *_ends(one, axis)) for one in own]
    ends.sort(key=lambda item: (item[1], item[2]))
    places = packed((left, right) for _, left, right in ends)
    shown = [(item, row) for item, row in zip(ends, places, strict=True) if row < ROWS_MAX]
    return OutlineLane(
        name=name,
        y=y,
        height=ROW * (max(row for _, row in shown) + 1) + 2 * pad,
        label_y=y + pad + ROW_BAR // 2 + 4,
        outlines=tuple(_outline(*item, y + pad + ROW * row, axis) for item, row in shown),
        left_out=len(ends) - len(shown),
    )


def _ends(one: Connection, axis: Axis) -> tuple[int, int]:
    left = GUTTER + axis.x(one.start_us)
    return left, left + REFUSED_PX if one.refused else max(GUTTER + axis.x(one.end_us), left + 4)


def _outline(one: Connection, left: int, right: int, y: int, axis: Axis) -> Outline:
    whence = _(" from %(environment)s") % {"environment": one.environment} if one.environment else ""
    if one.refused:
        refused = (f"✕ {one.environment}", "✕")
        title = _("%(peer)s refused connection %(number)s%(whence)s, at %(start_us)s of the run") % {
            "peer": one.peer,
            "number": one.number,
            "whence": whence,
            "start_us": labels.span(one.start_us),
        }
        return Outline("refused", left, y, right - left, ROW_BAR, fits(refused, right - left), title, "peers")
    held = labels.span(one.end_us - one.start_us)
    ended = one.ended or _("still open at the end")
    words_of = {"peer": one.peer, "number": one.number, "whence": whence, "held": held, "ended": ended}
    title = _("%(peer)s, connection %(number)s%(whence)s: held %(held)s, %(ended)s") % words_of
    names = (f"{one.number} {one.environment} {held}", f"{one.number} {one.environment}", str(one.number))
    motes = tuple(_mote(at_us, record, y, axis) for at_us, record in one.moments[:60])
    return Outline("connection", left, y, right - left, ROW_BAR, fits(names, right - left), title, "peers", motes)


def _mote(at_us: int, record: PeerEvent, y: int, axis: Axis) -> Mote:
    """A small triangle at the edge: above and down for what the peer received, below and up for what it sent.

    It stays outside of the bar, where the name is.
    """
    x, low = GUTTER + axis.x(at_us), y + ROW_BAR
    down = f"M{x - 3} {y - MOTE}H{x + 3}L{x} {y}Z"
    path = down if record.what == "received" else f"M{x - 3} {low + MOTE}H{x + 3}L{x} {low}Z"
    said = f": “{readable(record.text)}”" if record.text else ""
    return Mote(record.what, path, f"{record.peer} {_WHAT[record.what]} {labels.size(record.bytes)}{said}")
