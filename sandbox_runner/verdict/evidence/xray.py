"""Where values sat: the state walks of the replays as a table, and the place that carried a value. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code.process_state import can_be_put_back, is_of_process, is_out_of_sight
from sandbox_runner.verdict.texts.encoded_strings import opened
from sandbox_runner.verdict.texts.markers import contains, forms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox_runner.events.records import StateCaptured, StateLeaf
    from sandbox_runner.verdict.texts.markers import Marker

ROWS_MAX: Final = 500
_TMP: Final = "/tmp"  # noqa: S108 - the place that is looked at


@dataclass(frozen=True, slots=True)
class StateRow:
    """One place. ``values`` has its text in each column, ``None`` where there was no such place."""

    root: str
    carrier: str
    path: str
    values: tuple[str | None, ...]

    @property
    def changed(self) -> bool:
        """Whether the place was not the same all the time."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Table:
    """Places by moments. ``columns`` are request indexes, 0 is init. ``cut`` counts the rows left out."""

    columns: tuple[int, ...]
    rows: tuple[StateRow, ...]
    cut: int
    truncated: bool


def table(states: Mapping[int, StateCaptured], sequence: Sequence[int]) -> Table:
    """The walks of one environment's replay, what changed first."""
    columns = tuple(index for index in (0, *sequence) if index in states)
    held = [{(leaf.root, leaf.carrier, leaf.path): leaf.value for leaf in states[index].leaves} for index in columns]
    places = dict.fromkeys(place for column in held for place in column)
    rows = [StateRow(*place, values=tuple(column.get(place) for column in held)) for place in places]
    rows.sort(key=lambda row: not row.changed)
    truncated = any(states[index].truncated for index in columns)
    return Table(columns, tuple(rows[:ROWS_MAX]), max(0, len(rows) - ROWS_MAX), truncated)


def state_before(states: Mapping[int, StateCaptured], before: Sequence[int], reader: int) -> StateCaptured | None:
    """The newest walk that there is of before request ``reader``, which ``before`` preceded.

    Where only requests preceded that ended by timeout or exit, and no init came after them, there is none: then the
    walk after the reader itself shows what was left to it, and what it did.
    """
    return next((states[index] for index in (*reversed(before), reader) if index in states), None)


def _texts(leaf: StateLeaf) -> tuple[str, ...]:
    """What a leaf says: its value, and what stands in its path past the carrier, which may be somebody's key.

    A value in base64 says what it is decoded to as well: a function may have kept an event as it came.
    """
    held = opened(leaf.value)
    decoded = () if held is None else (json.dumps(held.value, ensure_ascii=False),)
    return leaf.value, leaf.path.removeprefix(leaf.carrier), *decoded


def _distance(leaf: StateLeaf) -> tuple[bool, bool]:
    """How far from the function's own code a place is: in a package, or the process's."""
    return bool(leaf.package), is_of_process(leaf.carrier)


def _named_files(state: StateCaptured, marker: Marker) -> Iterator[StateLeaf]:
    """The folders in which files are that have ``marker`` in their name, each with that name as its value."""
    made = tuple(text for _, text in forms(marker.text))
    for leaf in state.leaves:
        folder, _, name = leaf.path.rpartition("/")
        if leaf.root == "tmp-file" and any(contains(name, text) for text in made):
            where = leaf.path if folder == _TMP else folder
            yield leaf.model_copy(update={"carrier": where, "path": where, "value": name})


def is_held_in(place: StateLeaf, state: StateCaptured) -> bool:
    """Whether a place was seen in a walk; of a folder, whether the file was there."""
    named = f"{place.path}/{place.value}"
    return place in state.leaves or (place.root == "tmp-file" and any(each.path == named for each in state.leaves))


def holders(state: StateCaptured, marker: Marker) -> tuple[StateLeaf, ...]:
    """The places that hold ``marker`` in any form, those that are nothing but it first, those of packages last."""
    made = tuple(text for _, text in forms(marker.text))
    found = [
        leaf for leaf in state.leaves if any(m in text and contains(text, m) for text in _texts(leaf) for m in made)
    ]
    return tuple(sorted(found, key=lambda leaf: (leaf.value != marker.text, leaf.value not in made, *_distance(leaf))))


def carrier_of(
    states: Mapping[int, StateCaptured], before: Sequence[int], reader: int, marker: Marker, within: str = ""
) -> StateLeaf | None:
    """The place that held ``marker`` when the reader came and did not after init.

    :param within: the carrier that it has to be in, if any.
    """
    state = state_before(states, before, reader)
    if state is None:
        return None
    fresh = {leaf.path: leaf.value for leaf in states[0].leaves} if 0 in states else {}
    held = [
        leaf
        for leaf in holders(state, marker)
        if fresh.get(leaf.path) != leaf.value and (not within or leaf.carrier == within)
    ]
    if held or within:
        return held[0] if held else None
    return next((leaf for leaf in _named_files(state, marker) if leaf.carrier not in fresh), None)


def delivered(
    states: Mapping[int, StateCaptured], before: Sequence[int], reader: int, marker: Marker, shown: str
) -> StateLeaf | None:
    """The one place that work which went on put ``marker`` in while the reader's request ran, as it came out.

    :param shown: what came out; nothing that is not in it was read.
    """
    then, now = state_before(states, before, reader), states.get(reader)
    if then is None or now is None or now is then or now.truncated:
        return None
    held = {leaf.path: leaf.value for leaf in then.leaves}
    found = [
        leaf
        for leaf in holders(now, marker)
        if can_be_put_back(leaf.carrier) and held.get(leaf.path) != leaf.value and leaf.value in shown
    ]
    return found[0] if len(found) == 1 else None


def out_of_sight(states: Mapping[int, StateCaptured], before: Sequence[int], reader: int) -> StateLeaf | None:
    """The one other process, thread or connection that there was when the reader came.

    Nothing where there were several, or where the walk did not see all that it could.
    """
    state = state_before(states, before, reader)
    if state is None or state.truncated:
        return None
    found = {leaf.carrier: leaf for leaf in reversed(state.leaves) if is_out_of_sight(leaf.carrier)}
    return next(iter(found.values())) if len(found) == 1 else None


def changed(states: Mapping[int, StateCaptured], before: Sequence[int], reader: int) -> tuple[StateLeaf, ...]:
    """The places that were another when the reader came than after init, those of the function's modules first."""
    state = state_before(states, before, reader)
    if state is None or 0 not in states:
        return ()
    fresh = {leaf.path: leaf.value for leaf in states[0].leaves}
    found = [leaf for leaf in state.leaves if fresh.get(leaf.path) != leaf.value]
    return tuple(sorted(found, key=_distance))


def carrier_of_difference(
    states: Mapping[int, StateCaptured],
    before: Sequence[int],
    reader: int,
    after: str,
    alone: str,
    *,
    sent: Marker | None = None,
) -> StateLeaf | None:
    """Of the places that changed, the one whose value stands in the answer and not in the fresh one; else the first.

    A counter is read after it was raised, so the next number counts as its value too.

    :param sent: what the answer was made from, if it is known: what holds that comes before what merely changed.
    """
    places = changed(states, before, reader)
    shown = [
        leaf for leaf in places if any(contains(after, text) and not contains(alone, text) for text in _said(leaf))
    ]
    held = carrier_of(states, before, reader, sent) if sent is not None and not shown else None
    return held or next(iter(shown or places), None)


def _said(leaf: StateLeaf) -> tuple[str, ...]:
    text = leaf.value.strip()
    if not text:
        return ()
    return (text, str(int(text) + 1)) if text.lstrip("-").isdecimal() and len(text) < 16 else (text,)
