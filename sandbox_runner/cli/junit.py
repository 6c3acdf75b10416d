"""A JUnit report for continuous integration: a suite per scenario, a case per request. Pure.

A finding is a failure of the request it appeared in; one that appeared nowhere has its own case. Everything from a
sandbox or a scenario is hostile: characters that a terminal or XML 1.0 cannot hold are escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sandbox_runner.cli.naming import who
from sandbox_runner.messages import DEFAULT, Language, render, render_all, say, word
from sandbox_runner.results.grades import failing
from sandbox_runner.results.model import Outcome
from sandbox_runner.results.pairs import apart
from sandbox_runner.runtimes.stand_ins import said_of
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import Finding, InvocationResult, RunResult

# https://www.w3.org/TR/xml/#charsets: Char, of which visible() leaves these two out of reach.
_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")
_TEXT_CHARACTERS_MAX: Final = 2_000
_MS_PER_S: Final = 1000


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario file: its result, or the sentence that says why there is none."""

    name: str
    result: RunResult | None = None
    problem: str = ""


def report(played: Sequence[Played], fail_on: str | None, language: Language = DEFAULT) -> bytes:
    """The whole report as UTF-8; only findings as serious as ``fail_on`` are failures."""
    suites = Element("testsuites", name="holdover")
    for one in played:
        _suite(suites, one, fail_on, language)
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(suites)
    text: bytes = tostring(suites, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _suite(suites: Element, played: Played, fail_on: str | None, language: Language) -> None:
    suite = SubElement(suites, "testsuite", name=_text(played.name))
    if played.result is None:
        name = render(say("report-played"), language)
        case = SubElement(suite, "testcase", classname=_text(played.name), name=name, time="0.000")
        _add_element(case, "error", "not-played", played.problem, played.problem)
    else:
        _properties(suite, played.result, language)
        _cases(suite, played.name, played.result, _Judge(frozenset(failing(fail_on)), language))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _properties(suite: Element, result: RunResult, language: Language) -> None:
    properties = SubElement(suite, "properties")
    backend = result.backend
    pairs = (
        ("verdict", result.verdict),
        ("backend", backend.name),
        ("image_digest", backend.image_digest),
        *(("stand_in", render(message, language)) for message in said_of(backend.played_on)),
    )
    for name, value in pairs:
        SubElement(properties, "property", name=name, value=_text(value))


@dataclass(frozen=True, slots=True)
class _Judge:
    """Which findings are failures, and the language they are written in."""

    grades: frozenset[str]
    language: Language

    def said(self, *messages: Message) -> str:
        return render_all(messages, self.language)


def _cases(suite: Element, of: str, result: RunResult, judge: _Judge) -> None:
    findings = [each for finding in result.findings for each in apart(finding)]
    for served in _last_attempts(result.invocations):
        case = SubElement(
            suite,
            "testcase",
            classname=_text(of),
            name=_text(judge.said(_name(served))),
            time=f"{(served.duration_ms or 0) / _MS_PER_S:.3f}",
        )
        found = [each for each in findings if each.reader and each.reader.invocation == served.index]
        _judged(case, found, judge)
        if served.outcome == Outcome.NOT_PLAYED and case.find("failure") is None:
            SubElement(case, "skipped", message=judge.said(say("report-ended-before")))
    for number, finding in enumerate(result.findings, 1):
        if finding.reader is None:
            place = finding.location.path if finding.location else ""
            name = _text(judge.said(say("report-no-reader", number=number, kind=finding.kind, place=place)))
            case = SubElement(suite, "testcase", classname=_text(of), name=name, time="0.000")
            _judged(case, [finding], judge)


def _last_attempts(invocations: Iterable[InvocationResult]) -> list[InvocationResult]:
    """The last attempt at each request, in order."""
    return list({served.index: served for served in invocations}.values())


def _name(served: InvocationResult) -> Message:
    request = who(served.index, served.principal)
    return say("step-request", request=request, asynchronous=False, function="")


def _judged(case: Element, found: Sequence[Finding], judge: _Judge) -> None:
    """A single failure for everything that fails, as readers of reports show only the first; the rest is output."""
    failed = [finding for finding in found if finding.grade in judge.grades]
    if failed:
        text = "\n\n".join(_described(each, judge) for each in failed)
        _add_element(case, "failure", failed[0].grade, judge.said(*failed[0].messages), text)
    if others := [finding for finding in found if finding.grade not in judge.grades]:
        SubElement(case, "system-out").text = _lines("\n\n".join(_described(each, judge) for each in others))


def _add_element(case: Element, tag: str, kind: str, message: str, text: str) -> None:
    SubElement(case, tag, type=kind, message=_text(message)).text = _lines(text)


def _described(finding: Finding, judge: _Judge) -> str:
    """The finding as lines."""
    words = {"grade": finding.grade.value, "severity": finding.severity, "confidence": finding.confidence}
    lines = [f"{judge.said(say('report-judged', **words))} {judge.said(*finding.messages)}"]
    if (place := finding.location) is not None:
        carrier = say("report-carrier", place=place.path, root=place.kind, confirmed=finding.carrier_confirmed)
        lines.append(judge.said(carrier))
    sources = (say("report-source", role=one.role, file=one.file, line=one.line) for one in finding.sources)
    lines.extend(map(judge.said, sources))
    for evidence in finding.evidence:
        oracle = word("oracle", evidence.oracle, judge.language)
        for seen in evidence.observations:
            text = judge.said(say("report-nothing")) if seen.text is None else _short(seen.text)
            lines.append(f"{oracle}, {judge.said(seen.condition)}: {text}")
    lines.append(judge.said(say("report-fingerprint", fingerprint=finding.fingerprint)))
    return "\n".join(map(visible, lines))


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARACTERS_MAX else f"{text[:_TEXT_CHARACTERS_MAX]}…"


def _text(text: str) -> str:
    """``text`` for an attribute: one line, without characters that XML 1.0 forbids."""
    return _NO_CHARACTERS.sub(_escape, visible(text))


def _lines(text: str) -> str:
    return "\n".join(map(_text, text.split("\n")))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
