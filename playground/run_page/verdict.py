"""The verdict and its findings as a page shows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from playground.i18n.marking import _, told
from playground.text import labels as text_labels
from playground.text.display_text import Pieces, compared, differing, marked, plain, readable, visible
from playground.text.display_text import sentence as said
from playground.text.payloads import leaf
from sandbox_runner.messages import say
from sandbox_runner.messages.codes import KINDS
from sandbox_runner.results.pairs import apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import (
        Check,
        Evidence,
        Finding,
        InvocationResult,
        Observation,
        RunResult,
        SourceLine,
        Verdict,
    )

# What is said in place of a verdict that would look as if the function had been tried.
_FAILED: Final = {
    "load-failed": "did-not-load",
    "all-failed": "every-request-failed",
    "all-timed-out": "timed-out",
    "none-loaded-in-time": "timed-out",
    **dict.fromkeys(KINDS["dependencies"], "not-played"),
}

ProofState: TypeAlias = Literal["ahead", "going on", "broken off", "over"]


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The headline. ``tone`` is a CSS class and never the only sign: ``word`` and ``icon`` stand beside it."""

    tone: str
    word: str
    icon: str
    confidence: str
    sentence: Pieces

    @property
    def text(self) -> str:
        """The sentence as one line of text, for places that have no room for a look."""
        return " ".join(plain(self.sentence).split())


@dataclass(frozen=True, slots=True)
class ConditionView:
    """What came out under one condition, with the stretch marked that differs from the other conditions."""

    condition: Pieces
    text: Pieces


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What one oracle saw."""

    oracle: str
    heading: str
    conditions: tuple[ConditionView, ...]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A line of the user's code that matters, with the anchor of its row.

    ``role`` is why: written, read or declared; failed where the code did not load.
    """

    words: str
    anchor: str
    file: str
    line: int
    role: str


@dataclass(frozen=True, slots=True)
class FindingActions:
    """``keeps`` are the requests of the smaller scenario, none where there is no smaller one.

    ``fix`` says what a repaired copy changes, and is empty where no mechanical fix is certain.
    """

    number: int
    advice: str
    keeps: tuple[int, ...]
    fix: str

    @property
    def remedy(self) -> tuple[str, str]:
        """What findings have in common whose remedy is said once."""
        return self.advice, self.fix


@dataclass(frozen=True, slots=True)
class EndsView:
    """Who wrote what, and where it came out for whom."""

    writer: str
    writer_anchor: str
    writer_leaf: Pieces
    reader: str
    reader_anchor: str
    reader_output: Pieces


@dataclass(frozen=True, slots=True)
class PairView:
    """Another writer and reader of a finding, with what supports that."""

    ends: EndsView
    confidence: str
    evidence: tuple[EvidenceView, ...]


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
    ends: EndsView
    places: tuple[PlaceView, ...]
    evidence: tuple[EvidenceView, ...]
    truncated: bool
    pairs: tuple[PairView, ...] = ()
    actions: FindingActions | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """What was looked at, or why it was not."""

    oracle: str
    done: bool
    detail: Pieces


def verdict_view(result: RunResult) -> VerdictView:
    """The headline of a result; where its proof broke off, that is part of it."""
    return headline(result.verdict, result.verdict_messages, result.findings, proof_state(result))


def proof_state(result: RunResult) -> ProofState:
    """Whether its proof came to an end of its own, or to one because something on our side failed."""
    stopped = result.proof.stopped if result.proof else None
    return "broken off" if stopped and stopped.code == "replay-failed" else "over"


def headline(
    verdict: Verdict, messages: Sequence[Message], findings: Sequence[Finding], proof: ProofState = "over"
) -> VerdictView:
    """The headline of a verdict, with the confidence of its gravest finding."""
    tone, word, icon = text_labels.verdict_word(verdict)
    if failed := next((_FAILED[each.code] for each in messages if each.code in _FAILED), None):
        tone, word, icon = "failed", text_labels.VERDICT_WORDS[failed], "✕"
    gravest = next((one for one in findings if one.grade == verdict), None)
    confidence = text_labels.CONFIDENCES[gravest.confidence] if gravest else ""
    shown = known(messages, proof)
    if proof == "broken off":
        shown = (*shown, say("proof-broke-off"))
    return VerdictView(tone, word, icon, confidence, said(told(*shown)))


def known(messages: Sequence[Message], proof: ProofState) -> tuple[Message, ...]:
    """What is said; only a proof that is over can say that it did not find a thing."""
    if proof == "going on":
        return tuple(say("carrier-sought") if each.code == "carrier-unknown" else each for each in messages)
    return tuple(each for each in messages if proof == "over" or each.code != "carrier-unknown")


def finding_view(
    number: int, finding: Finding, invocations: Sequence[InvocationResult], proof: ProofState = "over"
) -> FindingView:
    """The finding that is the ``number``-th of its result, from 1."""
    tone, word, icon = text_labels.verdict_word(finding.grade)
    location = finding.location
    alone, *others = apart(finding)
    return FindingView(
        anchor=f"finding-{number}",
        tone=tone,
        word=word,
        icon=icon,
        confidence=text_labels.CONFIDENCES[finding.confidence],
        severity=text_labels.SEVERITIES[finding.severity],
        sentence=said(told(*known(finding.messages, proof))),
        carrier=visible(location.path) if location else (),
        carrier_type=f"{text_labels.ROOTS[location.kind]}{_type(location.type)}" if location else "",
        carrier_confirmed=finding.carrier_confirmed,
        ends=_ends(alone),
        places=tuple(
            PlaceView(_place(s), line_anchor(s.file, s.line), s.file, s.line, s.role) for s in finding.sources
        ),
        evidence=_supporting(alone, invocations),
        truncated=finding.truncated,
        pairs=tuple(
            PairView(_ends(one), text_labels.CONFIDENCES[one.confidence], _supporting(one, invocations))
            for one in others
        ),
    )


def _ends(finding: Finding) -> EndsView:
    writer, reader = finding.writer, finding.reader
    return EndsView(
        writer=_who(writer.invocation, writer.principal) if writer else "",
        writer_anchor=f"request-{writer.invocation}" if writer and writer.invocation else "",
        writer_leaf=visible(writer.leaf) if writer else (),
        reader=_who(reader.invocation, reader.principal) if reader else "",
        reader_anchor=f"request-{reader.invocation}" if reader else "",
        reader_output=visible(reader.output_path) if reader else (),
    )


def _supporting(finding: Finding, invocations: Sequence[InvocationResult]) -> tuple[EvidenceView, ...]:
    written = _written(finding, invocations)
    return tuple(evidence_view(one, written) for one in finding.evidence)


def load_failure(result: RunResult) -> tuple[Message, ...]:
    """Why the function's code did not load and what to do, where that is what the verdict says."""
    said = result.verdict_messages
    return said if said and said[0].code == "load-failed" else ()


def failed_line(result: RunResult) -> PlaceView | None:
    """The line of code that did not load."""
    for failed in load_failure(result)[:1]:
        file, line = str(failed.params["file"]), failed.params["line"]
        if isinstance(line, int) and line and file in result.scenario.code:
            return PlaceView(f"{readable(file)}:{line}", line_anchor(file, line), file, line, "failed")
    return None


def check_view(check: Check) -> CheckView:
    """One line of what was checked."""
    return CheckView(text_labels.ORACLES[check.oracle], check.done, said(told(*check.messages)))


def budget_used(result: RunResult) -> str:
    """``12 of 60 replays, 1.4 s of 10 s``; empty for a result that does not say."""
    used = result.proof
    if used is None:
        return ""
    share = _("%(replays)s of %(replays_max)s replays, %(seconds)s of %(seconds_max)s s") % {
        "replays": used.replays,
        "replays_max": used.replays_max,
        "seconds": text_labels.seconds(used.seconds),
        "seconds_max": f"{used.seconds_max:g}",
    }
    return f"{share}. {readable(told(used.stopped))}" if used.stopped else share


def line_anchor(file: str, line: int) -> str:
    """The anchor of a line of code; a file's name may hold any character, an anchor may not."""
    return f"code-{''.join(c if c.isascii() and c.isalnum() else '-' for c in file)}-{line}"


def _place(source: SourceLine) -> str:
    where = {"place": f"{readable(source.file)}:{source.line}"}
    match source.role:
        case "written":
            return _("written at %(place)s") % where
        case "read":
            return _("read at %(place)s") % where
        case "removed":
            return _("removed at %(place)s") % where
        case _:
            return _("declared at %(place)s") % where


def _type(kind: str) -> str:
    return f" ({readable(kind)})" if kind else ""


def _who(index: int, principal: str) -> str:
    return text_labels.request_name(index, principal) if index else _("module code, in init")


def _written(finding: Finding, invocations: Sequence[InvocationResult]) -> str:
    """The value that the writer's request brought, where the finding names its leaf."""
    writer = finding.writer
    payloads = (one.payload for one in invocations if writer and one.index == writer.invocation)
    return leaf(next(payloads, ""), writer.leaf) if writer and writer.leaf else ""


def evidence_view(evidence: Evidence, written: str) -> EvidenceView:
    """What an oracle saw, with the value that was ``written`` marked."""
    heading = readable(evidence.output_path)
    if evidence.form and evidence.form != "plain":
        heading += f" ({text_labels.FORMS[evidence.form]})"
    if evidence.oracle == "interference":
        heading += _(", %(repeats)s of %(repeats)s replays agree") % {"repeats": evidence.repeats}
    elif evidence.repeats > 1:
        heading += _(", %(repeats)s times alike") % {"repeats": evidence.repeats}
    shown = (_condition(seen, evidence, written) for seen in evidence.observations)
    return EvidenceView(text_labels.ORACLES[evidence.oracle], heading, tuple(shown))


def _condition(seen: Observation, evidence: Evidence, written: str) -> ConditionView:
    condition = visible(told(seen.condition), limit=200)
    if seen.text is None:
        return ConditionView(condition, visible(_("nothing there")))
    others = [each.text or "" for each in evidence.observations if each is not seen]
    if seen.condition.code == "request-sent":
        condition = marked(told(seen.condition), _sent(seen.condition)) or condition
        return ConditionView(condition, _followed(seen.text, _sent(seen.condition), next(iter(others), "")))
    return ConditionView(condition, _text(seen, evidence, written))


def _followed(text: str, sent: str, other: str) -> Pieces:
    """The answer with what followed the changed leaf marked: the value itself, or whatever is another."""
    if sent and (found := marked(text, sent)) is not None:
        return found
    shown = compared(text, other)
    return shown if text == other or any(piece.classes for piece in shown) else differing(text)


def _sent(condition: Message) -> str:
    """The value that a condition says was sent, where it is there as a whole."""
    value = str(condition.params["value"])
    return "" if value.endswith("…") else value


def _text(seen: Observation, evidence: Evidence, written: str) -> Pieces:
    """The text with the writer's value marked, or what differs from the first other output."""
    text = seen.text or ""
    outputs = (
        each.text or "" for each in evidence.observations if each is not seen and each.condition.code != "value-sent"
    )
    other = next(outputs, None)
    return marked(text, written) or (text_labels.legible(text) if other is None else compared(text, other))
