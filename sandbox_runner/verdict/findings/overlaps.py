"""What a finding says of two requests that ran at the same time in one environment. Pure.

Replays with the probe are played one after the other, the reader last: what it was answered there shows whether it
takes an overlap for something to come out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.messages import say
from sandbox_runner.verdict.evidence.interference import column, last_answers, texts
from sandbox_runner.verdict.findings.carriers import INSTRUMENTED

if TYPE_CHECKING:
    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played


def overlapped(case: Case, reader: Played, writer: Played, path: str) -> tuple[Message, ...]:
    """That the two ran at the same time, and whether what came out at ``path`` takes that; nothing of others."""
    if not case.facts.overlap(reader.index, writer.index):
        return ()
    return (say("overlapped", apart=_is_fresh_apart(case, reader, writer, path)),)


def _is_fresh_apart(case: Case, reader: Played, writer: Played, path: str) -> bool:
    """Whether ``reader``, played after ``writer`` and not beside it, was answered there as it is alone."""
    apart = [
        each
        for each in case.facts.trials
        if each.purpose in INSTRUMENTED and each.indexes[-1] == reader.index and writer.index in each.indexes
    ]
    after, fresh = (column(texts(case, rows), path) for rows in (last_answers(apart), case.controls(reader)))
    return bool(after) and set(after) <= set(fresh)
