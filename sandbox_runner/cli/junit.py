"""Results as a JUnit report, for continuous integration: a suite for each scenario, a case for each request. Pure.

A finding is a failure of the request that it came out in; what came out nowhere has a case of its own. Everything
from a sandbox or a scenario is hostile: what a terminal or XML 1.0 cannot hold is written out as an escape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sandbox_runner.results.grades import failing
from sandbox_runner.results.model import Outcome
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.results.model import Finding, InvocationResult, RunResult

# https://www.w3.org/TR/xml/#charsets: Char, of which visible() leaves these two out of reach.
_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")
_TEXT_CHARACTERS_MAX: Final = 2_000
_MS_PER_S: Final = 1000


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario file: what it came to, or the sentence that says why it came to nothing."""

    name: str
    result: RunResult | None = None
    problem: str = ""


def report(played: Sequence[Played], fail_on: str | None) -> bytes:
    """The whole report as UTF-8; only findings of ``fail_on`` or graver are failures."""
    suites = Element("testsuites", name="holdover")
    for one in played:
        _suite(suites, one, fail_on)
    for count in ("tests", "failures", "errors"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(suites)
    text: bytes = tostring(suites, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _suite(suites: Element, played: Played, fail_on: str | None) -> None:
    suite = SubElement(suites, "testsuite", name=_text(played.name))
    if played.result is None:
        case = SubElement(suite, "testcase", classname=_text(played.name), name="the scenario is played", time="0.000")
        _said(case, "error", "not-played", played.problem, played.problem)
    else:
        _properties(suite, played.result)
        _cases(suite, played, played.result, frozenset(failing(fail_on)))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _properties(suite: Element, result: RunResult) -> None:
    properties = SubElement(suite, "properties")
    backend = result.backend
    pairs = (("verdict", result.verdict), ("backend", backend.name), ("image_digest", backend.image_digest))
    for name, value in pairs:
        SubElement(properties, "property", name=name, value=_text(value))


def _cases(suite: Element, played: Played, result: RunResult, grades: frozenset[str]) -> None:
    for served in _last_attempts(result.invocations):
        case = SubElement(
            suite,
            "testcase",
            classname=_text(played.name),
            name=_text(_name(served)),
            time=f"{(served.duration_ms or 0) / _MS_PER_S:.3f}",
        )
        found = [each for each in result.findings if each.reader and each.reader.invocation == served.index]
        _judged(case, found, grades)
        if served.outcome == Outcome.NOT_PLAYED and case.find("failure") is None:
            SubElement(case, "skipped", message="the run ended before this request was played")
    for number, finding in enumerate(result.findings, 1):
        if finding.reader is None:
            name = _text(
                f"finding {number}: {finding.kind} in {finding.location.path if finding.location else 'no place'}"
            )
            case = SubElement(suite, "testcase", classname=_text(played.name), name=name, time="0.000")
            _judged(case, [finding], grades)


def _last_attempts(invocations: Iterable[InvocationResult]) -> list[InvocationResult]:
    """One for each request, in order."""
    return list({served.index: served for served in invocations}.values())


def _name(served: InvocationResult) -> str:
    own = served.principal == f"request-{served.index}"
    return f"request {served.index}" if own else f"request {served.index} ({served.principal})"


def _judged(case: Element, found: Sequence[Finding], grades: frozenset[str]) -> None:
    """One failure for all that fails, because readers of these reports show only the first; the rest is output."""
    failed = [finding for finding in found if finding.grade in grades]
    if failed:
        text = "\n\n".join(map(_described, failed))
        _said(case, "failure", failed[0].grade, failed[0].sentence, text)
    if others := [finding for finding in found if finding.grade not in grades]:
        SubElement(case, "system-out").text = _lines("\n\n".join(map(_described, others)))


def _said(case: Element, tag: str, kind: str, message: str, text: str) -> None:
    SubElement(case, tag, type=kind, message=_text(message)).text = _lines(text)


def _described(finding: Finding) -> str:
    """The finding as lines."""
    lines = [f"{finding.grade} ({finding.severity}, {finding.confidence}): {finding.sentence}"]
    if finding.location is not None:
        lines.append(f"carried by {finding.location.path} ({finding.location.root})")
    lines += [f"{source.role} at {source.file}:{source.line}" for source in finding.sources]
    for evidence in finding.evidence:
        values = evidence.values_by_condition.items()
        lines += [f"{evidence.oracle}, {condition}: {_short(value)}" for condition, value in values]
    lines.append(f"fingerprint {finding.fingerprint}")
    return "\n".join(map(visible, lines))


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARACTERS_MAX else f"{text[:_TEXT_CHARACTERS_MAX]}…"


def _text(text: str) -> str:
    """``text`` for an attribute: one line, with nothing that XML 1.0 forbids."""
    return _NO_CHARACTERS.sub(_escape, visible(text))


def _lines(text: str) -> str:
    return "\n".join(map(_text, text.split("\n")))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
