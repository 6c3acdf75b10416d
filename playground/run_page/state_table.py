"""The state X-ray as a table: what each environment kept, place by place and request by request. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from playground.experiments.page_part.left_out import NOTHING, LeftOut
from playground.i18n.marking import _
from playground.text import labels
from playground.text.display_text import Pieces, readable, visible
from sandbox_runner.events.records import StateCaptured, StateLeaf
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import Finding, InvocationResult

VALUE_CHARACTERS: Final = 200
ROWS_MAX: Final = 300
# What all tables of a page may have together: each cell is some 150 bytes of markup and eight elements.
CELLS_MAX: Final = 1_200
# The most moments of one environment; what nothing changed at goes first.
COLUMNS_MAX: Final = 40
# A client of an SDK holds hundreds of values; what comes after these is folded away.
ROWS_OPEN: Final = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A moment at which the state was captured."""

    label: str
    anchor: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What a place held then. ``foreign`` names whose data it was, where a finding says so."""

    value: Pieces
    kind: str
    changed: bool
    absent: bool
    anchor: str
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class StateTableRow:
    """One place. ``foreign`` and ``changed`` say whether any of its cells is."""

    path: Pieces
    root: str
    cells: tuple[Cell, ...]
    anchor: str
    foreign: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class XrayTable:
    """One environment's state; what was over the page's limit is left out, unchanged places and moments first.

    ``rows`` are shown at once: all that hold somebody's data, and others up to a number. ``folded`` come on demand.
    """

    environment: str
    columns: tuple[Column, ...]
    rows: tuple[StateTableRow, ...]
    folded: tuple[StateTableRow, ...]
    rows_left_out: int
    places: int
    columns_left_out: int
    moments: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A place, by the order of the moments: what it held, whose that was, and whether it was something else before."""

    path: str
    leaves: tuple[StateLeaf | None, ...]
    owners: tuple[str, ...]
    changes: tuple[bool, ...]
    finding: str


def xray_tables(
    events: Sequence[Event],
    findings: Sequence[Finding],
    invocations: Sequence[InvocationResult],
    left_out: LeftOut = NOTHING,
) -> tuple[XrayTable, ...]:
    """A table for each environment whose state was captured; ``left_out`` has the places that are not in ``events``."""
    captured: dict[str, dict[int, StateCaptured]] = {}
    for event in events:
        if isinstance(event.record, StateCaptured):
            captured.setdefault(event.environment or "", {})[event.record.after_index] = event.record
    asked = {one.index: one for one in invocations}
    room = CELLS_MAX // max(1, len(captured))
    tables = (_table(name, moments, _owners(name, findings, asked), asked, room) for name, moments in captured.items())
    return tuple(_with_more(one, left_out.places, left_out.moments) for one in tables)


def _with_more(table: XrayTable, places: Mapping[str, int], moments: Mapping[str, int]) -> XrayTable:
    """The table, with counts of what its environment has beyond the part of the result that is there."""
    more, further = places.get(table.environment, 0), moments.get(table.environment, 0)
    return replace(
        table,
        rows_left_out=table.rows_left_out + more,
        places=table.places + more,
        columns_left_out=table.columns_left_out + further,
        moments=table.moments + further,
    )


def _written_in(environment: str, finding: Finding, asked: Mapping[int, InvocationResult]) -> bool:
    """Whether its data can have been written in this environment: each has module state of its own."""
    writer = asked.get(finding.writer.invocation) if finding.writer else None
    return writer is None or writer.environment == environment


Owners = dict[str, list[tuple[int, str, str]]]


def _owners(environment: str, findings: Iterable[Finding], asked: Mapping[int, InvocationResult]) -> Owners:
    """By place: from which request on it held whose data, and the finding that says so."""
    owners: Owners = {}
    for number, finding in ((number, one) for number, each in enumerate(findings, 1) for one in apart(each)):
        if finding.location and finding.writer and _written_in(environment, finding, asked):
            whose = labels.request_name(finding.writer.invocation, finding.writer.principal)
            walked = [one.output_path for one in finding.evidence if one.oracle == "xray"]
            for path in walked or [finding.location.path]:
                owners.setdefault(path, []).append((finding.writer.invocation, whose, f"finding-{number}"))
    return owners


def _table(
    environment: str,
    moments: Mapping[int, StateCaptured],
    owners: Owners,
    asked: Mapping[int, InvocationResult],
    room: int,
) -> XrayTable:
    order = list(moments)
    held = [{leaf.path: leaf for leaf in moments[index].leaves} for index in order]
    places = [_place(path, order, held, owners) for path in dict.fromkeys(path for each in held for path in each)]
    places.sort(key=lambda place: (not any(place.owners), not any(place.changes)))
    kept = _kept(places[:ROWS_MAX], len(order))
    rows_max = max(1, min(ROWS_MAX, room // len(kept)))
    rows = [
        _row(each, [(at, order[at]) for at in kept], cell_anchor(environment, each.path)) for each in places[:rows_max]
    ]
    shown = max(ROWS_OPEN, sum(any(place.owners) for place in places))
    return XrayTable(
        environment=environment,
        columns=tuple(_column(order[at], moments[order[at]], asked) for at in kept),
        rows=tuple(rows[:shown]),
        folded=tuple(rows[shown:]),
        rows_left_out=len(places) - len(rows),
        places=len(places),
        columns_left_out=len(order) - len(kept),
        moments=len(order),
    )


def _kept(places: Sequence[_Place], moments: int) -> list[int]:
    """The moments that are shown: the first and the last, then those at which most of somebody's data changed."""
    counts = [(at in (0, moments - 1), 0, 0) for at in range(moments)]
    for place in places:
        for at, changed in enumerate(place.changes):
            if changed:
                is_end, foreign, all_ = counts[at]
                counts[at] = (is_end, foreign + any(place.owners), all_ + 1)
    best = sorted(range(moments), key=lambda at: counts[at], reverse=True)
    return sorted(best[:COLUMNS_MAX])


def _column(index: int, moment: StateCaptured, asked: Mapping[int, InvocationResult]) -> Column:
    if index == 0:
        return Column(_("after init"), "", moment.truncated)
    principal = f" {readable(asked[index].principal)}" if index in asked else ""
    return Column(
        _("after #%(index)s%(principal)s") % {"index": index, "principal": principal},
        f"request-{index}",
        moment.truncated,
    )


def cell_anchor(environment: str, path: str) -> str:
    """The anchor of a place, which its cells' anchors begin with; the same in every run that has the place."""
    seal = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"state-{environment}-{seal}"


def _place(path: str, order: Sequence[int], held: Sequence[Mapping[str, StateLeaf]], owners: Owners) -> _Place:
    leaves = tuple(each.get(path) for each in held)
    known = next(leaf for leaf in leaves if leaf)
    held_by = owners.get(path) or owners.get(known.carrier) or []
    values = {index: leaf.value for index, leaf in zip(order, leaves, strict=True) if leaf} if held_by else {}
    return _Place(
        path=path,
        leaves=leaves,
        owners=tuple(_owner(held_by, index, values) if leaf else "" for index, leaf in zip(order, leaves, strict=True)),
        changes=(False, *(_told(then) != _told(now) for then, now in pairwise(leaves))),
        finding=held_by[0][2] if held_by else "",
    )


def _told(leaf: StateLeaf | None) -> tuple[str, str] | None:
    return (leaf.value, leaf.kind) if leaf else None


def _row(place: _Place, kept: Sequence[tuple[int, int]], anchor: str) -> StateTableRow:
    known = next(leaf for leaf in place.leaves if leaf)
    return StateTableRow(
        path=visible(place.path, limit=VALUE_CHARACTERS),
        root=known.root,
        cells=tuple(_cell(place, at, f"{anchor}-{index}") for at, index in kept),
        anchor=place.finding,
        foreign=any(place.owners),
        changed=any(place.changes),
    )


def _owner(held_by: Sequence[tuple[int, str, str]], index: int, values: Mapping[int, str]) -> str:
    """Whose data a place holds after a request: the last writer's, as long as what was there then is there still."""
    written = [(since, whose) for since, whose, _ in held_by if index >= since]
    since, whose = max(written, key=lambda each: each[0]) if written else (0, "")
    at_first = next((value for moment, value in values.items() if moment >= since), "")
    return whose if at_first in values.get(index, "") else ""


def _cell(place: _Place, at: int, anchor: str) -> Cell:
    leaf, changed = place.leaves[at], place.changes[at]
    if leaf is None:
        return Cell((), "", changed=changed, absent=True, anchor=anchor)
    value = labels.legible(leaf.value, limit=VALUE_CHARACTERS)
    return Cell(value, readable(leaf.kind), changed=changed, absent=False, anchor=anchor, foreign=place.owners[at])
