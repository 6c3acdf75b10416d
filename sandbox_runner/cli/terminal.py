"""A result as text for a terminal, with the verdict first. Pure.

Everything from a sandbox or a scenario is made visible before it is printed, so that no text of a function can move the
cursor, set a title or hide a line.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox_runner.cli.naming import who
from sandbox_runner.events.account_calls import place_of
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.messages import DEFAULT, Language, cut, render_all, say, word
from sandbox_runner.messages import render as translated
from sandbox_runner.projections.log import size
from sandbox_runner.projections.longer_proof import longer_proof
from sandbox_runner.results.grades import failing
from sandbox_runner.results.model import (
    Check,
    Evidence,
    Finding,
    InvocationResult,
    LogEntry,
    Pair,
    Passage,
    RunResult,
    Verdict,
)
from sandbox_runner.rules.billing import two_decimals
from sandbox_runner.runtimes.stand_ins import said_of
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox_runner.cli.junit import Played
    from sandbox_runner.events.records import Event, HeldThing
    from sandbox_runner.messages import Message

_ANSWER_CHARACTERS_MAX = 60
_EVIDENCE_CHARACTERS_MAX = 200
_PAIRS_MAX = 10
_COLOURS = {
    Verdict.LEAK: "31;1",
    Verdict.HISTORY_DEPENDENT: "35;1",
    Verdict.RETAINED: "33;1",
    Verdict.CLEAN: "32;1",
    Verdict.UNDETERMINED: "1",
    Verdict.NOTHING_TO_COMPARE: "1",
}
_NOT_PLAYED = "not-played"
_SENDERS = {"sns": "by SNS", "s3": "by S3", "eventbridge": "by EventBridge"}
_VERDICT_WIDTH = 18
_COLUMNS = ("#", "as", "environment", "start", "outcome", "duration", "billed", "init", "memory", "answer")
_RIGHT = frozenset({"duration", "billed", "init", "memory"})


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours, if the output is a terminal."""

    on: bool

    def __call__(self, text: str, code: str) -> str:
        """``text`` in the colour of an SGR ``code``, or unchanged."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


def render(result: RunResult, paint: Paint, language: Language = DEFAULT) -> str:
    """The whole result as text that ends in a line break."""
    return "\n".join(_Report(result, paint, language).lines()) + "\n"


def summary(played: Sequence[Played], fail_on: str | None, paint: Paint, language: Language = DEFAULT) -> str:
    """The results of several scenarios: a line for each, then how many fail."""
    fatal = failing(fail_on)
    rows = []
    for one in played:
        verdict, colour = (
            (_NOT_PLAYED, "31;1") if one.result is None else (one.result.verdict, _COLOURS[one.result.verdict])
        )
        name = word("verdict", verdict, language)
        sentence = one.problem if one.result is None else render_all(one.result.verdict_messages, language)
        rows.append(f"  {paint(name.ljust(_VERDICT_WIDTH), colour)}  {visible(one.name)}: {visible(sentence)}")
    failed = sum(one.result is not None and one.result.verdict in fatal for one in played)
    missing = sum(one.result is None for one in played)
    count = say("report-summary", scenarios=len(played), fail_on=fail_on or "", failed=failed, missing=missing)
    heading = paint(word("heading", "summary", language), "1")
    return "\n".join([heading, *rows, "", translated(count, language)]) + "\n"


def headline(verdict: Verdict, sentence: str, paint: Paint, language: Language = DEFAULT) -> str:
    """The verdict in one line."""
    return f"{paint(word('verdict', verdict, language), _COLOURS[verdict])}  {visible(sentence)}"


class _Report:
    """One result as lines of text in one language."""

    def __init__(self, result: RunResult, paint: Paint, language: Language) -> None:
        self._result = result
        self._paint = paint
        self._language = language

    def lines(self) -> Iterator[str]:
        result, paint = self._result, self._paint
        yield headline(result.verdict, render_all(result.verdict_messages, self._language), paint, self._language)
        if result.left is not None:
            yield f"{self._sentences(result.left)} {self._render('report-not-tried')}"
        for number, finding in enumerate(result.findings, 1):
            yield ""
            yield from self._finding(number, finding)
        yield from self._section("services", map(self._passage, result.passages))
        yield from self._section("requests", _table(result.invocations, self._language))
        yield from self._section("account", map(_held, result.account.things if result.account else ()))
        yield from self._section("log", _log(result, paint))
        yield from self._section("checks", (*map(self._check, result.checks), *self._proof()))
        yield ""
        backend = result.backend
        yield from (paint(self._sentences(message), "2") for message in said_of(backend.played_on))
        yield paint(self._render("report-sandbox", backend=backend.name, isolation=backend.isolation), "2")
        if result.service_time_compressed:
            yield paint(self._render("report-compressed"), "2")

    def _sentences(self, *messages: Message) -> str:
        return visible(render_all(messages, self._language))

    def _render(self, code: str, **params: object) -> str:
        return self._sentences(say(code, **params))

    def _section(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        body = list(lines)
        if body:
            yield ""
            yield self._paint(word("heading", name, self._language), "1")
            yield from (f"  {line}" for line in body)

    def _finding(self, number: int, finding: Finding) -> Iterator[str]:
        grade, severity, confidence = finding.grade.value, finding.severity, finding.confidence
        head = self._render("report-finding", number=number, grade=grade, severity=severity, confidence=confidence)
        yield self._paint(head, _COLOURS[finding.grade])
        yield f"   {self._sentences(*finding.messages)}"
        if (place := finding.location) is not None:
            confirmed = finding.carrier_confirmed
            yield f"   {self._render('report-carrier', place=place.path, root=place.kind, confirmed=confirmed)}"
        for source in finding.sources:
            yield f"   {self._render('report-source', role=source.role, file=source.file, line=source.line)}"
        for evidence in finding.evidence:
            yield from self._evidence(evidence)
        yield from (f"   {self._pair(pair)}" for pair in finding.pairs[:_PAIRS_MAX])
        if len(finding.pairs) > _PAIRS_MAX:
            yield f"   {self._render('report-more-pairs', more=len(finding.pairs) - _PAIRS_MAX)}"

    def _passage(self, passage: Passage) -> str:
        """What came by way of a service: no finding."""
        return f"{self._sentences(*passage.messages)} ({word('confidence', passage.confidence, self._language)})"

    def _pair(self, pair: Pair) -> str:
        reader, writer = pair.reader, pair.writer
        code, whose = "report-pair", {}
        if writer is not None:
            code, whose = "report-pair-of", {"writer": who(writer.invocation, writer.principal), "leaf": writer.leaf}
        read_by = who(reader.invocation, reader.principal)
        return self._render(code, reader=read_by, path=reader.output_path, confidence=pair.confidence, **whose)

    def _evidence(self, evidence: Evidence) -> Iterator[str]:
        form = "" if evidence.form == "plain" else evidence.form
        head = self._render("report-evidence", oracle=evidence.oracle, path=evidence.output_path, form=form)
        yield f"   {head}"
        for seen in evidence.observations:
            text = self._render("report-nothing") if seen.text is None else _short(seen.text, _EVIDENCE_CHARACTERS_MAX)
            yield f"     {self._sentences(seen.condition)}: {text}"

    def _check(self, check: Check) -> str:
        return (
            f"{self._render('report-check', oracle=check.oracle, done=check.done)} {self._sentences(*check.messages)}"
        )

    def _proof(self) -> Iterator[str]:
        """How much of its budget the proof used."""
        used = self._result.proof
        if used is None:
            yield self._render("report-no-proof")
            return
        spent = say(
            "report-proof",
            replays=used.replays,
            most=used.replays_max,
            seconds=round(used.seconds, 1),
            seconds_max=used.seconds_max,
        )
        yield self._sentences(spent, *([used.stopped] if used.stopped else []), *longer_proof(self._result))


def _held(thing: HeldThing) -> str:
    """What one resource of the account had in it when the run ended."""
    return visible(f"{thing.service} {thing.thing} {cut(thing.name)}: {thing.count:,}")


# --- requests -----------------------------------------------------------------------------------------------------


def _table(invocations: Sequence[InvocationResult], language: Language) -> Iterator[str]:
    head = tuple(word("column", name, language) for name in _COLUMNS)
    rows = [head, *(_row(each, language) for each in invocations)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = (
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for name, cell, width in zip(_COLUMNS, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _row(served: InvocationResult, language: Language) -> tuple[str, ...]:
    error = f" {served.error_type}" if served.error_type else ""
    made_by = _made_by(served)
    return (
        str(served.index),
        visible(served.principal) + made_by,
        served.environment or "-",
        word("start", served.start, language),
        visible(f"{word('outcome', served.outcome, language)}{error}"),
        _ms(served.duration_ms),
        "-" if served.billed_duration_ms is None else f"{served.billed_duration_ms} ms",
        _ms(served.init_duration_ms),
        "-" if served.max_memory_used_mb is None else f"{served.max_memory_used_mb} MB",
        _answer(served, language),
    )


def _made_by(served: InvocationResult) -> str:
    """What led to a request that is none of the scenario's."""
    if served.cause is not None:
        return f" ← {served.cause.request or visible(served.cause.name)}"
    return "" if served.called_by is None else f" ← {served.called_by or 'init'}"


def _ms(duration: float | None) -> str:
    return "-" if duration is None else f"{two_decimals(duration)} ms"


def _answer(served: InvocationResult, language: Language) -> str:
    cut = served.truncated.response_bytes
    more = translated(say("report-cut", size=size(cut)), language) if cut else ""
    return _short(served.response, _ANSWER_CHARACTERS_MAX) + more


def _short(text: str, characters_max: int) -> str:
    return visible(text if len(text) <= characters_max else text[:characters_max] + "…")


# --- log ----------------------------------------------------------------------------------------------------------


def _log(result: RunResult, paint: Paint) -> Iterator[str]:
    several = len(result.environments) > 1
    calls = deque(sorted((e for e in result.events if isinstance(e.record, AccountCalled)), key=lambda e: e.at_us))
    for entry in result.log:
        while calls and calls[0].at_us <= entry.at_us:
            yield from _call(calls.popleft(), paint, several=several)
        prefix = f"{entry.environment}  " if several else ""
        yield from (prefix + line for line in _entry(entry, paint))
    for call in calls:
        yield from _call(call, paint, several=several)


def _call(event: Event, paint: Paint, *, several: bool) -> Iterator[str]:
    """A call to a service of AWS's, among the lines of the log."""
    call = event.record
    assert isinstance(call, AccountCalled)  # only those are asked about
    place = place_of(call)
    tried = f"(attempt {call.attempt})" if call.attempt > 1 else ""
    where = [cut(each) for each in (place.name, place.key, call.region)]
    said = [str(call.status_code), call.error, f"{call.took_us / 1000:.1f} ms", tried]
    caller = [f"by {cut(call.principal)}" if call.principal else "from outside"] if call.step is not None else []
    sent = [_by_itself(call.by_lambda)] if call.by_lambda else []
    failed = ["our stand-in for the service failed"] if call.is_ours else []
    words = [f"AWS {call.service} {call.operation}", *where, *caller, *sent, *said, *failed]
    prefix = f"{event.environment}  " if several and event.environment else ""
    yield prefix + paint(visible("  ".join(word for word in words if word)), "2")


def _by_itself(why: str) -> str:
    """Which service called of its own accord."""
    return _SENDERS.get(why) or f"by Lambda, {why}"


def _entry(entry: LogEntry, paint: Paint) -> Iterator[str]:
    # One CloudWatch event may hold several lines, joined by either kind of line break.
    for line in entry.line.rstrip("\r\n").replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield visible(line) if entry.source == "function" else paint(visible(line), "2")
