"""The gravest finding at a glance: who sent what, and whose answer it came out in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.run_page.callers.colours import caller_colours
from playground.run_page.timeline.request_paths import row_anchor
from playground.text.display_text import Piece, Pieces, marked, readable, visible
from playground.text.payloads import leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.results.model import InvocationResult, RunResult

# As much of a value and of an answer as a line holds.
VALUE_CHARACTERS: Final = 80
AROUND_CHARACTERS: Final = 120
# A shorter value may stand in an answer for reasons of its own.
VALUE_CHARACTERS_MIN: Final = 3


@dataclass(frozen=True, slots=True)
class End:
    """One of the two requests; ``who`` and ``colour`` are its caller's."""

    who: str
    number: int
    anchor: str
    colour: int


@dataclass(frozen=True, slots=True)
class Handover:
    """``writer`` sent ``value`` as ``leaf``, and ``answer`` is what ``reader`` got, with the value marked."""

    writer: End
    leaf: str
    value: Pieces
    reader: End
    answer: Pieces


def handover(result: RunResult) -> Handover | None:
    """Of the finding that the verdict is about, where the value stands in the answer as it was sent."""
    gravest = next((one for one in result.findings if one.grade == result.verdict), None)
    if gravest is None or gravest.writer is None or gravest.reader is None:
        return None
    sender = _of(result.invocations, gravest.writer.invocation)
    receiver = _of(result.invocations, gravest.reader.invocation)
    if sender is None or receiver is None or sender.principal == receiver.principal:
        return None
    sent = leaf(sender.payload, gravest.writer.leaf)
    if len(sent) < VALUE_CHARACTERS_MIN or sent in receiver.payload or sent not in receiver.response:
        return None
    colours = caller_colours(result.invocations)
    return Handover(
        writer=_end(sender, colours[sender.principal]),
        leaf=readable(gravest.writer.leaf),
        value=visible(sent, limit=VALUE_CHARACTERS),
        reader=_end(receiver, colours[receiver.principal]),
        answer=_around(receiver.response, sent),
    )


def _of(invocations: Sequence[InvocationResult], index: int) -> InvocationResult | None:
    """The last attempt at a request: the one that has its answer."""
    return next((one for one in reversed(invocations) if one.index == index), None)


def _end(one: InvocationResult, colour: int) -> End:
    return End(readable(one.principal), one.index, row_anchor(one), colour)


def _around(text: str, value: str) -> Pieces:
    at = text.index(value)
    start, end = max(0, at - AROUND_CHARACTERS), at + len(value) + AROUND_CHARACTERS
    cut = (Piece("…", "cut"),)
    shown = marked(text[start:end], value) or ()
    return (*(cut if start else ()), *shown, *(cut if end < len(text) else ()))
