"""The verdict and its findings as a page shows them. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from playground.i18n.marking import N_, _
from playground.run_page.translated_sentences import finding_sentence, phrase, verdict_sentence
from playground.text import labels as words
from playground.text.display_text import Pieces, compared, differing, marked, plain, readable, visible
from playground.text.display_text import sentence as said
from playground.text.payloads import leaf
from sandbox_runner.projections.proof_budget import BROKE_OFF

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.results.model import Check, Evidence, Finding, InvocationResult, RunResult, SourceLine, Verdict

ProofState: TypeAlias = Literal["going on", "broken off", "over"]
_UNKNOWN: Final = N_("What carried it was not found.")


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
    """A line of the user's code that matters, with the anchor of its row."""

    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class FindingActions:
    """``keeps`` are the requests of the smaller scenario, none where there is no smaller one.

    ``fix`` names the variable that a repaired copy moves, and is empty where no mechanical fix is certain.
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
    actions: FindingActions | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """What was looked at, or why it was not."""

    oracle: str
    done: bool
    detail: Pieces


def verdict_view(result: RunResult) -> VerdictView:
    """The headline of a result; where its proof broke off, that is part of it."""
    return headline(result.verdict, result.verdict_sentence, result.findings, proof_state(result))


def proof_state(result: RunResult) -> ProofState:
    """Whether its proof came to an end of its own, or to one because something on our side failed."""
    failed = result.proof is not None and result.proof.stopped.startswith(BROKE_OFF)
    return "broken off" if failed else "over"


def headline(verdict: Verdict, sentence: str, findings: Sequence[Finding], proof: ProofState = "over") -> VerdictView:
    """The headline of a verdict, with the confidence of its gravest finding."""
    tone, word, icon = words.verdict_word(verdict)
    gravest = next((one for one in findings if one.grade == verdict), None)
    confidence = words.CONFIDENCES[gravest.confidence] if gravest else ""
    text = _without_unknown(verdict_sentence(verdict, sentence, findings), proof)
    if proof == "broken off":
        text += " " + _("The proof broke off: a replay failed on our side. Re-verify to prove it again.")
    return VerdictView(tone, word, icon, confidence, said(text))


def _without_unknown(text: str, proof: ProofState) -> str:
    """Only a proof that is over can say that it did not find a thing."""
    return text if proof == "over" else " ".join(part.strip() for part in text.split(_(_UNKNOWN))).strip()


def finding_view(
    number: int, finding: Finding, invocations: Sequence[InvocationResult], proof: ProofState = "over"
) -> FindingView:
    """The finding that is the ``number``-th of its result, from 1."""
    tone, word, icon = words.verdict_word(finding.grade)
    writer, reader, location = finding.writer, finding.reader, finding.location
    return FindingView(
        anchor=f"finding-{number}",
        tone=tone,
        word=word,
        icon=icon,
        confidence=words.CONFIDENCES[finding.confidence],
        severity=words.SEVERITIES[finding.severity],
        sentence=said(_without_unknown(finding_sentence(finding), proof)),
        carrier=visible(location.path) if location else (),
        carrier_type=f"{location.root}{', ' + readable(location.type) if location.type else ''}" if location else "",
        carrier_confirmed=finding.carrier_confirmed,
        writer=_who(writer.invocation, writer.principal) if writer else "",
        writer_anchor=f"request-{writer.invocation}" if writer and writer.invocation else "",
        writer_leaf=visible(writer.leaf) if writer else (),
        reader=_who(reader.invocation, reader.principal) if reader else "",
        reader_anchor=f"request-{reader.invocation}" if reader else "",
        reader_output=visible(reader.output_path) if reader else (),
        places=tuple(PlaceView(_place(s), line_anchor(s.file, s.line)) for s in finding.sources),
        evidence=tuple(_evidence(one, _written(finding, invocations)) for one in finding.evidence),
        truncated=finding.truncated,
    )


def check_view(check: Check) -> CheckView:
    """One line of what was checked."""
    return CheckView(check.oracle, check.done, visible(phrase(check.detail)))


def budget_used(result: RunResult) -> str:
    """``12 of 60 replays, 1.4 s of 10 s``; empty for a result that does not say."""
    used = result.proof
    if used is None:
        return ""
    share = _("%(replays)s of %(replays_max)s replays, %(seconds)s of %(seconds_max)s s") % {
        "replays": used.replays,
        "replays_max": used.replays_max,
        "seconds": words.seconds(used.seconds),
        "seconds_max": f"{used.seconds_max:g}",
    }
    return f"{share}; {readable(phrase(used.stopped))}" if used.stopped else share


def line_anchor(file: str, line: int) -> str:
    """The anchor of a line of code; a file's name may hold any character, an anchor may not."""
    return f"code-{''.join(c if c.isascii() and c.isalnum() else '-' for c in file)}-{line}"


def _place(source: SourceLine) -> str:
    where = {"place": f"{readable(source.file)}:{source.line}"}
    if source.role == "written":
        return _("written at %(place)s") % where
    return (_("read at %(place)s") if source.role == "read" else _("declared at %(place)s")) % where


def _who(index: int, principal: str) -> str:
    return words.request_name(index, principal) if index else _("module code, in init")


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
    if evidence.oracle == "interference":
        heading += _(", %(repeats)s of %(repeats)s replays agree") % {"repeats": evidence.repeats}
    elif evidence.repeats > 1:
        heading += _(", %(repeats)s times alike") % {"repeats": evidence.repeats}
    if evidence.oracle == "interference":
        shown = [ConditionView(_condition(name), _followed(name, values)) for name in values]
    else:
        shown = [ConditionView(_plain_condition(name), _text(name, values, written)) for name in values]
    return EvidenceView(evidence.oracle, heading, tuple(shown))


def _plain_condition(name: str) -> Pieces:
    return visible(words.CONDITIONS.get(name, "") or phrase(name), limit=200)


def _condition(name: str) -> Pieces:
    """``request 1 sent "hoge"`` with what was sent marked."""
    before, sent, value = name.partition(" sent ")
    return (
        (*visible(f"{phrase(before + sent.rstrip())} ", limit=200), *differing(value))
        if value
        else visible(name, limit=200)
    )


def _followed(name: str, values: Mapping[str, str]) -> Pieces:
    """The answer with what followed the changed leaf marked: the value itself, or whatever is another."""
    text, sent = values[name], _sent(name)
    other = next((value for condition, value in values.items() if condition != name), "")
    if sent and (found := marked(text, sent)) is not None:
        return found
    shown = compared(text, other)
    return shown if text == other or any(piece.classes for piece in shown) else differing(text)


def _sent(name: str) -> str:
    """The value that a condition says was sent, where it is there as a whole."""
    try:
        value = json.loads(name.partition(" sent ")[2])
    except ValueError:
        return ""
    return value if isinstance(value, str) and not value.endswith("…") else ""


def _text(condition: str, values: Mapping[str, str], written: str) -> Pieces:
    """The text with the writer's value marked, or what differs from the first other output."""
    text = values[condition]
    outputs = (value for name, value in values.items() if name != condition and not name.endswith(" sent"))
    other = next(outputs, None)
    return marked(text, written) or (words.legible(text) if other is None else compared(text, other))
