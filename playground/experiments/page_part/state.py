"""Cuts what the probe saw to the places and moments that pages may show. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import StateCaptured
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sandbox_runner.events.records import Event, StateLeaf
    from sandbox_runner.results.model import Finding

# Of each environment; a page has fewer rows, and the moments at which most changed.
PLACES_MAX: Final = 300
MOMENTS_MAX: Final = 40
# Of all environments together, and of each value.
CELLS_MAX: Final = 1_200
VALUE_CHARACTERS: Final = 400

Left = dict[str, int]


def cut_state(events: Iterable[Event], findings: Sequence[Finding]) -> tuple[list[Event], Left, Left]:
    """``events`` with less of the state, and how many places and moments of each environment that leaves out."""
    events = list(events)
    captured: dict[str, list[Event]] = {}
    for one in events:
        if isinstance(one.record, StateCaptured):
            captured.setdefault(one.environment or "", []).append(one)
    named = {path for finding in findings for path in _places_of(finding)}
    room = CELLS_MAX // max(1, len(captured))
    places: Left = {}
    moments: Left = {}
    became: dict[int, Event | None] = {}
    for name, of_it in captured.items():
        kept = _moments(of_it)
        all_paths = _paths(of_it, named)
        paths = set(all_paths[: max(1, min(PLACES_MAX, room // len(kept)))])
        places |= {name: len(all_paths) - len(paths)} if len(paths) < len(all_paths) else {}
        moments |= {name: len(of_it) - len(kept)} if len(kept) < len(of_it) else {}
        became |= {id(one): _cut(one, paths) if id(one) in kept else None for one in of_it}
    shown = (became.get(id(one), one) for one in events)
    return [one for one in shown if one is not None], places, moments


def _places_of(finding: Finding) -> Iterable[str]:
    for one in apart(finding):
        if one.location:
            yield one.location.path
        yield from (each.output_path for each in one.evidence if each.oracle == "xray")


def _held(event: Event) -> Mapping[str, str]:
    return {leaf.path: leaf.value for leaf in _leaves(event)}


def _leaves(event: Event) -> Sequence[StateLeaf]:
    assert isinstance(event.record, StateCaptured)  # only those are asked about
    return event.record.leaves


def _moments(captured: Sequence[Event]) -> set[int]:
    """The first and the last, then those at which most changed."""
    if len(captured) <= MOMENTS_MAX:
        return {id(one) for one in captured}
    held = [_held(one) for one in captured]
    changes = {
        at: sum(after.get(path) != value for path, value in before.items()) + abs(len(after) - len(before))
        for at, (before, after) in enumerate(pairwise(held), 1)
    }
    ends = {0, len(captured) - 1}
    best = sorted(changes, key=lambda at: (at in ends, changes[at]), reverse=True)
    return {id(captured[at]) for at in (0, *best[: MOMENTS_MAX - 1])}


def _paths(captured: Sequence[Event], named: Collection[str]) -> list[str]:
    """Every place: those of findings first, then those that changed, then the others."""
    first: dict[str, tuple[str, str]] = {}
    carriers: dict[str, str] = {}
    changed = set()
    for one in captured:
        for leaf in _leaves(one):
            told = leaf.value, leaf.kind
            carriers[leaf.path] = leaf.carrier
            if first.setdefault(leaf.path, told) != told:
                changed.add(leaf.path)
    return sorted(first, key=lambda path: (not (path in named or carriers[path] in named), path not in changed))


def _cut(event: Event, paths: Collection[str]) -> Event:
    leaves = _leaves(event)
    kept = tuple(_short(leaf) for leaf in leaves if leaf.path in paths)
    if kept == tuple(leaves):
        return event
    return event.model_copy(update={"record": event.record.model_copy(update={"leaves": kept})})


def _short(leaf: StateLeaf) -> StateLeaf:
    if len(leaf.value) <= VALUE_CHARACTERS:
        return leaf
    return leaf.model_copy(update={"value": leaf.value[:VALUE_CHARACTERS]})
