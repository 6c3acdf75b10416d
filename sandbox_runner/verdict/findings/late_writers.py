"""Log lines with another's data that nothing kept: work that went on after its own request's answer wrote them. Pure.

Which request started such work is found out after the verdict's own replays, see :mod:`sandbox_runner.proof.late_work`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import LateWork
from sandbox_runner.handler_code.log_lines import log_lines
from sandbox_runner.results.model import SourceLine
from sandbox_runner.verdict.findings import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import Finding
    from sandbox_runner.verdict.evidence.case import Case


# Where the probes see late work itself, with what it has in hand.
_WORK: Final = ("threading.enumerate()", "asyncio.all_tasks()")


def late_lines(events: Iterable[Event]) -> tuple[LateWork, ...]:
    """The lines of a run that are known to be an earlier request's."""
    return tuple(event.record for event in events if isinstance(event.record, LateWork) and not event.record.effect)


def late_line_of(finding: Finding, late: Sequence[LateWork]) -> LateWork | None:
    """The first of ``late`` lines that shows what the finding is about."""
    return next((work for work in late if _wrote(work, finding)), None)


def with_late_writers(case: Case, found: Iterable[Finding], late: Sequence[LateWork]) -> Iterator[Finding]:
    """The findings; one whose carrier is late work says so. Its fingerprint stays what it was."""
    for finding in found:
        writer = late_line_of(finding, late)
        yield finding if writer is None else _written_by(case, writer, finding)


def _wrote(work: LateWork, finding: Finding) -> bool:
    if finding.kind not in ("log-leak", "background-log") or not finding.writer or not finding.reader:
        return False
    if finding.location and not finding.location.path.startswith(_WORK):
        return False
    pair = (finding.writer.invocation, finding.reader.invocation)
    shown = (seen.text or "" for each in finding.evidence for seen in each.observations)
    return (
        work.started_by > 0
        and pair == (work.started_by, work.ran_in)
        and bool(work.text)
        and any(work.text in text for text in shown)
    )


def _written_by(case: Case, work: LateWork, finding: Finding) -> Finding:
    messages = (wording.written_late(work) if each.code == "carrier-unknown" else each for each in finding.messages)
    # A place that is the work itself cannot be put back; the probe saw there what it wrote, and whose it was.
    is_seen = finding.location is not None and work.evidence.code == "replay-shows-work"
    return finding.model_copy(
        update={
            "kind": "background-log",
            "carrier_confirmed": finding.carrier_confirmed or is_seen,
            "messages": tuple(messages),
            "sources": finding.sources or _logging_line(case, work),
        }
    )


def _logging_line(case: Case, work: LateWork) -> tuple[SourceLine, ...]:
    """The line of the code that wrote it, where only one can have."""
    function = case.facts.requests[work.ran_in].function
    found = log_lines(case.function(function).files, work.text)
    if len(found) != 1:
        return ()
    file, line = found[0]
    return (SourceLine(file=case.shown_file(function, file), line=line, role="written"),)
