"""The verdict and its findings as a page shows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.experiments import words
from playground.experiments.answers import leaf
from playground.experiments.visible import Pieces, compared, marked, readable, visible
from playground.experiments.visible import sentence as said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.results import Check, Evidence, Finding, InvocationResult, RunResult


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The headline. ``tone`` is a CSS class and never the only sign: ``word`` and ``icon`` stand beside it."""

    tone: str
    word: str
    icon: str
    confidence: str
    sentence: Pieces


@dataclass(frozen=True, slots=True)
class ConditionView:
    """What came out under one condition, with the stretch marked that differs from the other conditions."""

    condition: str
    text: Pieces


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What one oracle saw."""

    oracle: str
    heading: str
    conditions: tuple[ConditionView, ...]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A line of the user's code that matters, with the anchor of its row."""

    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with everything that supports it."""

    anchor: str
    tone: str
    word: str
    icon: str
    confidence: str
    severity: str
    sentence: Pieces
    carrier: Pieces
    carrier_type: str
    carrier_confirmed: bool
    writer: str
    writer_anchor: str
    writer_leaf: Pieces
    reader: str
    reader_anchor: str
    reader_output: Pieces
    places: tuple[PlaceView, ...]
    evidence: tuple[EvidenceView, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """What was looked at, or why it was not."""

    oracle: str
    done: bool
    detail: Pieces


def verdict_view(result: RunResult) -> VerdictView:
    """The headline of a result."""
    tone, word, icon = words.VERDICTS[result.verdict]
    gravest = next((one for one in result.findings if one.grade == result.verdict), None)
    confidence = words.CONFIDENCES[gravest.confidence] if gravest else ""
    return VerdictView(tone, word, icon, confidence, said(result.verdict_sentence))


def finding_view(number: int, finding: Finding, invocations: Sequence[InvocationResult]) -> FindingView:
    """The finding that is the ``number``-th of its result, from 1."""
    tone, word, icon = words.VERDICTS[finding.grade]
    writer, reader, location = finding.writer, finding.reader, finding.location
    return FindingView(
        anchor=f"finding-{number}",
        tone=tone,
        word=word,
        icon=icon,
        confidence=words.CONFIDENCES[finding.confidence],
        severity=finding.severity,
        sentence=said(finding.sentence),
        carrier=visible(location.path) if location else (),
        carrier_type=f"{location.root}{', ' + location.type if location.type else ''}" if location else "",
        carrier_confirmed=finding.carrier_confirmed,
        writer=_who(writer.invocation, writer.principal) if writer else "",
        writer_anchor=f"request-{writer.invocation}" if writer and writer.invocation else "",
        writer_leaf=visible(writer.leaf) if writer else (),
        reader=_who(reader.invocation, reader.principal) if reader else "",
        reader_anchor=f"request-{reader.invocation}" if reader else "",
        reader_output=visible(reader.output_path) if reader else (),
        places=tuple(
            PlaceView(f"{s.role} at {readable(s.file)}:{s.line}", line_anchor(s.file, s.line)) for s in finding.sources
        ),
        evidence=tuple(_evidence(one, _written(finding, invocations)) for one in finding.evidence),
        truncated=finding.truncated,
    )


def check_view(check: Check) -> CheckView:
    """One line of what was checked."""
    return CheckView(check.oracle, check.done, visible(check.detail))


def line_anchor(file: str, line: int) -> str:
    """The anchor of a line of code; a file's name may hold any character, an anchor may not."""
    return f"code-{''.join(c if c.isascii() and c.isalnum() else '-' for c in file)}-{line}"


def _who(index: int, principal: str) -> str:
    return words.request_name(index, principal) if index else "module code, in init"


def _written(finding: Finding, invocations: Sequence[InvocationResult]) -> str:
    """The value that the writer's request brought, where the finding names its leaf."""
    writer = finding.writer
    payloads = (one.payload for one in invocations if writer and one.index == writer.invocation)
    return leaf(next(payloads, ""), writer.leaf) if writer and writer.leaf else ""


def _evidence(evidence: Evidence, written: str) -> EvidenceView:
    values = evidence.values_by_condition
    heading = readable(evidence.output_path)
    if evidence.form and evidence.form != "plain":
        heading += f" ({evidence.form})"
    if evidence.repeats > 1:
        heading += f", {evidence.repeats} times alike"
    shown = (ConditionView(words.CONDITIONS.get(name, readable(name)), _text(name, values, written)) for name in values)
    return EvidenceView(evidence.oracle, heading, tuple(shown))


def _text(condition: str, values: Mapping[str, str], written: str) -> Pieces:
    """The text with the writer's value marked, or what differs from the first other output."""
    text = values[condition]
    outputs = (value for name, value in values.items() if name != condition and not name.endswith(" sent"))
    other = next(outputs, None)
    return marked(text, written) or (visible(text) if other is None else compared(text, other))
