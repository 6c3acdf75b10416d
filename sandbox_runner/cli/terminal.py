"""A result as text for a terminal: the verdict first, then what it rests on. Pure.

Everything that came out of a sandbox or a scenario is made visible before it is printed, so that no text of a
function can move the cursor, set a title or hide a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner.projections.log import size
from sandbox_runner.results.grades import failing
from sandbox_runner.results.model import Check, Evidence, Finding, InvocationResult, LogEntry, RunResult, Verdict
from sandbox_runner.rules.billing import two_decimals
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox_runner.cli.junit import Played

_ANSWER_CHARACTERS_MAX = 60
_EVIDENCE_CHARACTERS_MAX = 200
_WORDS = {
    Verdict.LEAK: ("LEAK", "31;1"),
    Verdict.HISTORY_DEPENDENT: ("HISTORY-DEPENDENT", "35;1"),
    Verdict.RETAINED: ("RETAINED", "33;1"),
    Verdict.CLEAN: ("CLEAN", "32;1"),
    Verdict.UNDETERMINED: ("UNDETERMINED", "1"),
}
_RIGHT = frozenset({"duration", "billed", "init", "memory"})


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, where the output is a terminal."""

    on: bool

    def __call__(self, text: str, code: str) -> str:
        """``text`` in the colour of an SGR ``code``, or as it is."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


def render(result: RunResult, paint: Paint) -> str:
    """The whole result as text that ends in a line break."""
    return "\n".join(_lines(result, paint)) + "\n"


def summary(played: Sequence[Played], fail_on: str | None, paint: Paint) -> str:
    """What several scenarios came to: a line for each, then how many fail."""
    fatal = failing(fail_on)
    rows = []
    for one in played:
        word, colour = ("NOT PLAYED", "31;1") if one.result is None else _WORDS[one.result.verdict]
        sentence = one.problem if one.result is None else one.result.verdict_sentence
        rows.append(f"  {paint(word.ljust(17), colour)}  {visible(one.name)}: {visible(sentence)}")
    failed = sum(one.result is not None and one.result.verdict in fatal for one in played)
    missing = sum(one.result is None for one in played)
    gate = f"{failed} fail --fail-on {fail_on}" if fail_on else "no verdict was to fail"
    count = f"{len(played)} scenarios: {gate}; {missing} could not be played."
    return "\n".join([paint("Summary", "1"), *rows, "", count]) + "\n"


def headline(verdict: Verdict, sentence: str, paint: Paint) -> str:
    """The verdict in one line."""
    word, colour = _WORDS[verdict]
    return f"{paint(word, colour)}  {visible(sentence)}"


def _lines(result: RunResult, paint: Paint) -> Iterator[str]:
    yield headline(result.verdict, result.verdict_sentence, paint)
    if result.ended == "out-of-time":
        yield visible(result.left) + " What is marked not-played was not tried."
    for number, finding in enumerate(result.findings, 1):
        yield ""
        yield from _finding(number, finding, paint)
    yield from _section("Requests", _table(result.invocations), paint)
    yield from _section("Log", _log(result, paint), paint)
    yield from _section("Checks", (*map(_check, result.checks), *_proof(result)), paint)
    yield ""
    yield paint(visible(f"Played in the {result.backend.name} sandbox: {result.backend.isolation}"), "2")
    if result.service_time_compressed:
        yield paint("Long waits were compressed: the service's clock ran ahead of the function's.", "2")


def _section(title: str, lines: Iterable[str], paint: Paint) -> Iterator[str]:
    body = list(lines)
    if body:
        yield ""
        yield paint(title, "1")
        yield from (f"  {line}" for line in body)


# --- findings -----------------------------------------------------------------------------------------------------


def _finding(number: int, finding: Finding, paint: Paint) -> Iterator[str]:
    colour = _WORDS[finding.grade][1]
    yield f"{paint(f'{number}. {finding.grade}', colour)} ({finding.severity}, {finding.confidence})"
    yield f"   {visible(finding.sentence)}"
    if finding.location is not None:
        place = f"{finding.location.path} ({finding.location.root})"
        confirmed = "confirmed" if finding.carrier_confirmed else "not confirmed by putting it back"
        yield f"   carried by {visible(place)}, {confirmed}"
    for source in finding.sources:
        yield f"   {source.role} at {visible(source.file)}:{source.line}"
    for evidence in finding.evidence:
        yield from _evidence(evidence)


def _evidence(evidence: Evidence) -> Iterator[str]:
    where = f" in {visible(evidence.output_path)}" if evidence.output_path else ""
    form = f", written {visible(evidence.form)}" if evidence.form else ""
    yield f"   {evidence.oracle}{where}{form}"
    for condition, value in evidence.values_by_condition.items():
        yield f"     {visible(condition)}: {_short(value, _EVIDENCE_CHARACTERS_MAX)}"


def _check(check: Check) -> str:
    return f"{check.oracle}: {'done' if check.done else 'not done'}. {visible(check.detail)}"


def _proof(result: RunResult) -> Iterator[str]:
    """What the proof used of its budget."""
    used = result.proof
    if used is None:
        yield "No replay was played: the proof was left out."
        return
    stopped = f"; ended early: {visible(used.stopped)}" if used.stopped else ""
    yield f"{used.replays} of {used.replays_max} replays, {used.seconds:.1f} of {used.seconds_max:g} s{stopped}."


# --- requests -----------------------------------------------------------------------------------------------------


def _table(invocations: Sequence[InvocationResult]) -> Iterator[str]:
    head = ("#", "as", "environment", "start", "outcome", "duration", "billed", "init", "memory", "answer")
    rows = [head, *map(_row, invocations)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = (
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for name, cell, width in zip(head, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _row(served: InvocationResult) -> tuple[str, ...]:
    error = f" {served.error_type}" if served.error_type else ""
    return (
        str(served.index),
        visible(served.principal),
        served.environment or "-",
        served.start,
        visible(f"{served.outcome}{error}"),
        _ms(served.duration_ms),
        "-" if served.billed_duration_ms is None else f"{served.billed_duration_ms} ms",
        _ms(served.init_duration_ms),
        "-" if served.max_memory_used_mb is None else f"{served.max_memory_used_mb} MB",
        _answer(served),
    )


def _ms(duration: float | None) -> str:
    return "-" if duration is None else f"{two_decimals(duration)} ms"


def _answer(served: InvocationResult) -> str:
    cut = served.truncated.response_bytes
    return _short(served.response, _ANSWER_CHARACTERS_MAX) + (f" ({size(cut)} more were cut)" if cut else "")


def _short(text: str, characters_max: int) -> str:
    return visible(text if len(text) <= characters_max else text[:characters_max] + "…")


# --- log ----------------------------------------------------------------------------------------------------------


def _log(result: RunResult, paint: Paint) -> Iterator[str]:
    several = len(result.environments) > 1
    for entry in result.log:
        prefix = f"{entry.environment}  " if several else ""
        yield from (prefix + line for line in _entry(entry, paint))


def _entry(entry: LogEntry, paint: Paint) -> Iterator[str]:
    # One CloudWatch event may hold several lines, joined by either kind of line break.
    for line in entry.line.rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield visible(line) if entry.source == "function" else paint(visible(line), "2")
