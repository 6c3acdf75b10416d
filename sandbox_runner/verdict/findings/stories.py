"""One story for each carrier: findings of one kind that the same place carried become one, with its pairs. Pure.

Of many requests that got something from one variable, replays prove one or a few. Those stand for the others, whose
evidence is what the run itself shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.results.model import Pair
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.fingerprints import LEAF_AND_OUTPUT, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Finding

_CONFIDENCES: Final = ("proven", "strong", "suspected")
_SEVERITIES: Final = ("critical", "high", "medium", "low", "info")


def stories(found: Iterable[Finding], line_of: Callable[[Finding], Hashable] = lambda _: None) -> tuple[Finding, ...]:
    """``found``, in its order, with one finding for all that differ in nothing but who wrote, who read and what.

    :param line_of: the late line that shows what a finding is about, where there is one; whatever one line shows is one
        story.
    """
    told: dict[Hashable, list[Finding]] = {}
    of_lines: dict[Hashable, Hashable] = {}
    for number, finding in enumerate(found):
        story = number if finding.reader is None else _story(finding)
        line = line_of(finding)
        told.setdefault(story if line is None else of_lines.setdefault(line, story), []).append(finding)
    return tuple(_one(each) for each in told.values())


def _story(finding: Finding) -> Hashable:
    """What findings of one story have in common. Where no place is known, that is all but who wrote and who read."""
    place, other_order = finding.location, finding.messages[0].code == "other-order"
    if place is None:
        return other_order, *shape(finding)
    return other_order, finding.kind, finding.function, place.root, place.path


def _one(alike: Sequence[Finding]) -> Finding:
    """The surest of them, with the others as pairs."""
    if len(alike) == 1:
        return alike[0]
    first = min(alike, key=_little_known)
    return first.model_copy(
        update={
            "severity": min((each.severity for each in alike), key=_SEVERITIES.index),
            "truncated": any(each.truncated for each in alike),
            "messages": (*first.messages, *_said_of_all(alike)),
            "pairs": tuple(_pair(each) for each in alike if each is not first),
        }
    )


def _little_known(finding: Finding) -> tuple[int, bool, bool]:
    return _CONFIDENCES.index(finding.confidence), not finding.carrier_confirmed, finding.location is None


def _said_of_all(alike: Sequence[Finding]) -> tuple[Message, ...]:
    readers = {each.reader.invocation for each in alike if each.reader}
    return wording.alike(
        len(readers),
        len({shape(each)[LEAF_AND_OUTPUT] for each in alike}),
        proven=sum(each.confidence == "proven" for each in alike),
        of=len(alike),
    )


def _pair(finding: Finding) -> Pair:
    assert finding.reader is not None  # a story has readers
    return Pair(
        writer=finding.writer,
        reader=finding.reader,
        evidence=finding.evidence,
        confidence=finding.confidence,
        messages=wording.without_place(finding.messages),
        fingerprint=finding.fingerprint,
        reproduces_with=finding.reproduces_with,
    )
