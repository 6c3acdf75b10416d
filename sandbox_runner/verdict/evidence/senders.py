"""Of several requests that sent the same value, the one that wrote what was kept. Pure.

A walk shows with which of them the value came, and not whether a later one wrote it once more. Where that may have
been somebody else, only the whole story with that one's value changed tells; a request that changes nothing then did
not write it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.evidence.interference import differing, tried
from sandbox_runner.verdict.evidence.xray import holders
from sandbox_runner.verdict.texts.markers import repeats_of
from sandbox_runner.verdict.texts.outputs import bounded_leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.events.records import StateLeaf
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.texts.markers import Marker

# The newest of them; a value that more have sent is hardly anybody's.
SENDERS_MAX: Final = 10


def sender(case: Case, reader: Played, marker: Marker, place: StateLeaf | None) -> tuple[Played, Marker] | None:
    """The request whose value ``marker`` came to ``reader``, and its marker; nothing where none sent it.

    :param place: what carried it, as far as that is known.
    """
    sent = _senders(case, reader, marker.text)
    if len(sent) < 2:
        return next(iter(sent), None)
    came_with = _came_with(case, reader, sent, place)
    if came_with is not None and _others_since(sent, came_with):
        sent = [came_with, *(each for each in sent if each is not came_with)]
    return next((each for each in sent if not _is_refuted(case, reader, each)), sent[0])


def is_contested(case: Case, writer: Played, reader: Played, leaf: str) -> bool:
    """Whether another principal's request before ``reader`` sent the value too that ``writer`` has at ``leaf``."""
    text = text_of(dict(bounded_leaves(writer.payload)[0]).get(leaf))
    return any(each.principal != writer.principal for each, _ in _senders(case, reader, text))


def _senders(case: Case, reader: Played, text: str) -> list[tuple[Played, Marker]]:
    """The newest first."""
    found: list[tuple[Played, Marker]] = []
    for index in dict.fromkeys(reversed(case.facts.before(reader.index))):
        played = case.facts.requests[index]
        if played.principal != reader.principal and len(found) < SENDERS_MAX:
            found += [(played, each) for each in case.markers(index) if each.text == text]
    return found


def _came_with(
    case: Case, reader: Played, sent: Sequence[tuple[Played, Marker]], place: StateLeaf | None
) -> tuple[Played, Marker] | None:
    """The newest after which the value was held where it was not before; nothing where a newer one was not walked.

    After a request that ended the process nothing is held any more that an earlier one kept in memory.
    """
    states = case.facts.states.get(reader.environment or "", {})
    for played, marker in sent:
        earlier = (0, *case.facts.before(played.index))[-1]
        if played.index not in states or earlier not in states:
            return None
        before, after = (
            {each.path for each in holders(states[index], marker) if place is None or each.carrier == place.carrier}
            for index in (earlier, played.index)
        )
        if after - before:
            return played, marker
    return None


def _others_since(sent: Sequence[tuple[Played, Marker]], came_with: tuple[Played, Marker]) -> bool:
    newer = sent[: sent.index(came_with)]
    return any(played.principal != came_with[0].principal for played, _ in newer)


def _is_refuted(case: Case, reader: Played, sent: tuple[Played, Marker]) -> bool:
    """Whether the whole story was played with another value in its place, and nothing came of it."""
    played, marker = sent
    whole = (*case.facts.before(reader.index), reader.index)
    leaves = (marker.path, *repeats_of(played.payload, marker.path))
    changes = {
        each.changes
        for each in case.facts.trials
        if each.purpose == "interference"
        and each.indexes == whole
        and len(each.changes) == 1
        and each.changes[0].index == played.index
        and each.changes[0].leaf in leaves
    }
    unchanged = tried(case.facts, whole, ())
    return bool(changes) and not any(differing(case, unchanged, tried(case.facts, whole, each)) for each in changes)
