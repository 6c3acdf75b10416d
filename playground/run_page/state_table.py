"""The state X-ray as a table: what each environment kept, place by place and request by request. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
    """One environment's state; ``rows_left_out`` were over the page's limit, unchanged places first.

    ``rows`` are shown at once: all that hold somebody's data, and others up to a number. ``folded`` come on demand.
    """

    environment: str
    columns: tuple[Column, ...]
    rows: tuple[StateTableRow, ...]
    folded: tuple[StateTableRow, ...]
    rows_left_out: int
    places: int


def xray_tables(
    events: Sequence[Event], findings: Sequence[Finding], invocations: Sequence[InvocationResult]
) -> tuple[XrayTable, ...]:
    """A table for each environment whose state was captured."""
    captured: dict[str, dict[int, StateCaptured]] = {}
    for event in events:
        if isinstance(event.record, StateCaptured):
            captured.setdefault(event.environment or "", {})[event.record.after_index] = event.record
    asked = {one.index: one for one in invocations}
    return tuple(_table(name, moments, _owners(name, findings, asked), asked) for name, moments in captured.items())


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
    environment: str, moments: Mapping[int, StateCaptured], owners: Owners, asked: Mapping[int, InvocationResult]
) -> XrayTable:
    order = list(moments)
    held = {index: {leaf.path: leaf for leaf in moments[index].leaves} for index in order}
    paths = dict.fromkeys(path for index in order for path in held[index])
    rows = [_row(path, order, held, owners, cell_anchor(environment, path)) for path in paths]
    rows.sort(key=lambda row: (not row.foreign, not row.changed))
    shown = max(ROWS_OPEN, sum(row.foreign for row in rows))
    return XrayTable(
        environment=environment,
        columns=tuple(_column(index, moments[index], asked) for index in order),
        rows=tuple(rows[: min(shown, ROWS_MAX)]),
        folded=tuple(rows[shown:ROWS_MAX]),
        rows_left_out=max(0, len(rows) - ROWS_MAX),
        places=len(rows),
    )


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


def _row(
    path: str, order: Sequence[int], held: Mapping[int, Mapping[str, StateLeaf]], owners: Owners, anchor: str
) -> StateTableRow:
    leaves = [held[index].get(path) for index in order]
    known = next(leaf for leaf in leaves if leaf)
    held_by = owners.get(path) or owners.get(known.carrier) or []
    values = {index: leaf.value for index, leaf in zip(order, leaves, strict=True) if leaf}
    cells = tuple(
        _cell(leaf, leaves[at - 1] if at else leaf, _owner(held_by, index, values), f"{anchor}-{index}")
        for at, (index, leaf) in enumerate(zip(order, leaves, strict=True))
    )
    return StateTableRow(
        path=visible(path, limit=VALUE_CHARACTERS),
        root=known.root,
        cells=cells,
        anchor=held_by[0][2] if held_by else "",
        foreign=any(cell.foreign for cell in cells),
        changed=any(cell.changed for cell in cells),
    )


def _owner(held_by: Sequence[tuple[int, str, str]], index: int, values: Mapping[int, str]) -> str:
    """Whose data a place holds after a request: the last writer's, as long as what was there then is there still."""
    written = [(since, whose) for since, whose, _ in held_by if index >= since]
    since, whose = max(written, key=lambda each: each[0]) if written else (0, "")
    at_first = next((value for moment, value in values.items() if moment >= since), "")
    return whose if at_first in values.get(index, "") else ""


def _cell(leaf: StateLeaf | None, before: StateLeaf | None, owner: str, anchor: str) -> Cell:
    if leaf is None:
        return Cell((), "", changed=before is not None, absent=True, anchor=anchor)
    value = labels.legible(leaf.value, limit=VALUE_CHARACTERS)
    changed = before is None or (before.value, before.kind) != (leaf.value, leaf.kind)
    return Cell(value, readable(leaf.kind), changed=changed, absent=False, anchor=anchor, foreign=owner)
