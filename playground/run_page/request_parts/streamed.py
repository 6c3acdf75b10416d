"""How a streamed answer came, in words: when each part did, and what failed after the first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _, ngettext
from playground.text import labels
from playground.text.payloads import pretty

if TYPE_CHECKING:
    from playground.text.display_text import Pieces
    from sandbox_runner.results.model import InvocationResult

_LISTED_MAX: Final = 50
# Between what a function says of status and headers, and the body.
_DELIMITER: Final = "\0" * 8


@dataclass(frozen=True, slots=True)
class StreamedRow:
    """``parts`` has the first of them, each with its time since the request arrived; ``more`` counts the others."""

    summary: str
    parts: tuple[tuple[str, str], ...]
    more: int
    failure: Pieces | None


def shown_answer(one: InvocationResult) -> str:
    """Its answer to be read: what a streamed one says of status and headers stands on a line of its own."""
    return one.response.replace(_DELIMITER, "\n", 1) if one.streamed else one.response


def streamed_row(one: InvocationResult) -> StreamedRow | None:
    """Of an answer that was streamed."""
    if one.streamed is None:
        return None
    chunks, count = one.streamed.chunks, len(one.streamed.chunks) + one.streamed.chunks_left_out
    since = [labels.span(each.at_us - one.arrived_us) for each in chunks]
    summary = ngettext(
        "Streamed in %(n)s part, the first %(first)s after the request arrived",
        "Streamed in %(n)s parts, the first %(first)s after the request arrived",
        count,
    ) % {"n": f"{count:,}", "first": since[0]}
    if one.streamed.failure is not None:
        summary += _("; it failed after its first byte")
    listed = tuple(zip(since, (labels.size(each.bytes) for each in chunks), strict=True))[:_LISTED_MAX]
    failure = pretty(one.streamed.failure) if one.streamed.failure is not None else None
    return StreamedRow(summary, listed, count - len(listed), failure)
