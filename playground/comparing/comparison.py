"""Compares two results for a page. Pure.

The first is "before", the second "after". Everything shown is also on the page of one of the runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.comparing.log_lines import log_diff
from playground.comparing.matching import Pair, matched
from playground.experiments.scenario_changes import Changes, changes
from playground.i18n.marking import _, told
from playground.run_page.backend import BackendView, backend_view
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.time_range import WHOLE, Window
from playground.run_page.timeline.timeline import Timeline, draw_together
from playground.run_page.verdict import FindingView, VerdictView, finding_view, verdict_view
from playground.text import labels
from playground.text.diffs import Diff, Room, text_diff
from playground.text.display_text import Pieces, one_page, visible
from playground.text.payloads import laid_out, short
from sandbox_runner.results.model import Outcome
from sandbox_runner.results.pairs import apart
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox_runner.results.model import Finding, InvocationResult, RunResult

# Rows of requests, and how many of them show their answers line by line.
PAIRS_MAX: Final = 200
ANSWERS_MAX: Final = 40
FINDINGS_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Side:
    """The result of one of the two runs. ``prefix`` starts the anchors of its elements on the page."""

    prefix: str
    verdict: VerdictView
    backend: BackendView
    stand_ins: tuple[str, ...]
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class Cell:
    """One attempt in one of the runs; figures are texts without units."""

    anchor: str
    index: int
    start: str
    outcome: str
    failed: bool
    error_type: Pieces
    answer: Pieces
    duration_ms: str
    billed_ms: str
    init_ms: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A request in both runs. ``answers`` is set if they differ and there is room to show them."""

    name: str
    first: Cell | None
    second: Cell | None
    faster_ms: str
    outcome_differs: bool = False
    answer_differs: bool = False
    payload_differs: bool = False
    answers: Diff | None = None

    @property
    def differs(self) -> bool:
        """Whether anything except figures differs."""
        return (
            self.first is None
            or self.second is None
            or self.outcome_differs
            or self.answer_differs
            or self.payload_differs
        )


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of one or both runs; its anchor is in the run named by ``of``.

    ``also`` are its anchors in the other run, which that run's timeline links to.
    """

    of: str
    number: int
    finding: FindingView
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences. ``gone`` findings are only in the first run, ``new`` ones only in the second."""

    first: Side
    second: Side
    gone: tuple[FindingRow, ...]
    new: tuple[FindingRow, ...]
    stayed: tuple[FindingRow, ...]
    pairs: tuple[PairRow, ...]
    pairs_left_out: int
    pairs_that_differ: int
    changes: Changes
    log: Diff

    @property
    def lines_added(self) -> int:
        """In all files together."""
        return sum(file.diff.added for file in self.changes.files)

    @property
    def lines_removed(self) -> int:
        """In all files together."""
        return sum(file.diff.removed for file in self.changes.files)

    @property
    def answers_that_differ(self) -> int:
        """Requests that were answered otherwise, or in one of the runs alone; of those that are shown."""
        return sum(row.answer_differs or row.first is None or row.second is None for row in self.pairs)

    @property
    def same_verdict(self) -> bool:
        """Whether both have the same verdict."""
        return self.first.verdict.tone == self.second.verdict.tone

    @property
    def same_backend(self) -> bool:
        """Whether both ran on the same kind of sandbox and image, so that figures are comparable."""
        one, other = self.first.backend, self.second.backend
        return (one.title, one.image_digest) == (other.title, other.image_digest)


@one_page()
def compare(first: RunResult, second: RunResult, window: Window = WHOLE) -> Comparison:
    """The comparison; ``window`` is the time range of the timelines."""
    timelines = draw_together([first, second], window)
    gone, new, stayed = _findings(first, second)
    room = Room()
    differences = changes(first.scenario, second.scenario, room)
    rows = _rows(matched(first.invocations, second.invocations, room), room)
    return Comparison(
        first=_side("first-", first, timelines[0]),
        second=_side("second-", second, timelines[1]),
        gone=gone,
        new=new,
        stayed=stayed,
        pairs=rows[:PAIRS_MAX],
        pairs_left_out=max(0, len(rows) - PAIRS_MAX),
        pairs_that_differ=sum(row.differs for row in rows),
        changes=differences,
        log=log_diff(first.log, second.log, room),
    )


def _side(prefix: str, result: RunResult, timeline: Timeline) -> Side:
    stand_ins = tuple(told(each) for each in said_of(result.backend.played_on))
    return Side(prefix, verdict_view(result), backend_view(result.backend), stand_ins, timeline)


# --- findings -------------------------------------------------------------------------------------------------------


def _findings(
    first: RunResult, second: RunResult
) -> tuple[tuple[FindingRow, ...], tuple[FindingRow, ...], tuple[FindingRow, ...]]:
    before, after = (set[str]().union(*map(_sameness, each.findings)) for each in (first, second))
    gone = _finding_rows(first, "first-", lambda one: not _sameness(one) & after)
    new = _finding_rows(second, "second-", lambda one: not _sameness(one) & before)
    stayed = _finding_rows(second, "second-", lambda one: bool(_sameness(one) & before))
    return gone, new, tuple(replace(row, also=_anchors(first, second.findings[row.number - 1])) for row in stayed)


def _anchors(first: RunResult, finding: Finding) -> tuple[str, ...]:
    same = (number for number, one in enumerate(first.findings, 1) if _sameness(one) & _sameness(finding))
    return tuple(f"first-finding-{number}" for number in same)


def _sameness(finding: Finding) -> frozenset[str]:
    """The identities of a finding across runs: fingerprints, or else texts."""
    return frozenset(one.fingerprint or f"{one.kind} {told(*one.messages)}" for one in apart(finding))


def _finding_rows(result: RunResult, of: str, wanted: Callable[[Finding], bool]) -> tuple[FindingRow, ...]:
    rows = (
        FindingRow(of, number, finding_view(number, one, result.invocations))
        for number, one in enumerate(result.findings, 1)
        if wanted(one)
    )
    return tuple(rows)[:FINDINGS_MAX]


# --- requests -------------------------------------------------------------------------------------------------------


def _rows(pairs: Sequence[Pair], room: Room) -> tuple[PairRow, ...]:
    """A row for each pair; the first answers that differ are shown in full."""
    answers, rows = ANSWERS_MAX, []
    for pair in pairs:
        rows.append(_row(pair, room if answers > 0 else None))
        answers -= rows[-1].answer_differs
    return tuple(rows)


def _row(pair: Pair, room: Room | None) -> PairRow:
    one, other = pair.first, pair.second
    row = PairRow(
        name=_name(other or one),
        first=_cell("first-", one),
        second=_cell("second-", other),
        faster_ms=_faster(one, other),
    )
    if one is None or other is None:
        return row
    answer_differs = one.response != other.response
    return replace(
        row,
        outcome_differs=(one.outcome, one.error_type) != (other.outcome, other.error_type),
        answer_differs=answer_differs,
        payload_differs=one.payload != other.payload,
        answers=text_diff(laid_out(one.response), laid_out(other.response), room) if answer_differs and room else None,
    )


def _name(one: InvocationResult | None) -> str:
    if one is None:
        return ""
    name = labels.request_name(one.index, one.principal)
    return _("%(name)s, attempt %(attempt)s") % {"name": name, "attempt": one.attempt} if one.attempt > 1 else name


def _cell(prefix: str, one: InvocationResult | None) -> Cell | None:
    if one is None:
        return None
    return Cell(
        anchor=prefix + row_anchor(one),
        index=one.index,
        start=labels.STARTS[one.start],
        outcome=labels.OUTCOMES[one.outcome],
        failed=one.outcome not in (Outcome.SUCCESS, Outcome.NOT_PLAYED),
        error_type=visible(one.error_type or "", limit=200),
        answer=short(one.response),
        duration_ms=labels.milliseconds(one.duration_ms),
        billed_ms=labels.milliseconds(one.billed_duration_ms),
        init_ms=labels.milliseconds(one.init_duration_ms),
    )


def _faster(one: InvocationResult | None, other: InvocationResult | None) -> str:
    """The signed change in Duration."""
    if one is None or other is None or one.duration_ms is None or other.duration_ms is None:
        return labels.NOTHING
    return f"{other.duration_ms - one.duration_ms:+,.2f}".replace("-", "\u2212")
