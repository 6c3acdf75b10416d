"""From effects to findings: recognised leaks become proven, and what nobody recognised gets a finding. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import cut, say
from sandbox_runner.results.model import Evidence, Finding, Verdict
from sandbox_runner.verdict.evidence.case import held, observed, reader_of, writer_of
from sandbox_runner.verdict.evidence.interference import LOG, effects
from sandbox_runner.verdict.evidence.xray import carrier_of_difference
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.findings.by_marker import leaks
from sandbox_runner.verdict.findings.carriers import carrier
from sandbox_runner.verdict.findings.overlaps import overlapped
from sandbox_runner.verdict.findings.same_again import same_again
from sandbox_runner.verdict.texts.markers import repeats_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.evidence.interference import Effect
    from sandbox_runner.verdict.texts.markers import Searched

FINDINGS_MAX: Final = 10
LOG_PATH: Final = "log"
_SENT_CHARACTERS_MAX: Final = 60
_ONE_BIT: Final = frozenset(("true", "false", "null", "0", "1", "yes", "no"))


def all_leaks(case: Case, reader: Played | None = None) -> tuple[tuple[Finding, ...], Searched]:
    """Every leak, those of answers and those that are proven first, and what was looked for.

    :param reader: to whom alone, if not to anybody.
    """
    recognised, searched = leaks(case, reader)
    upgraded, made = proven(case, recognised)
    found = sorted((*upgraded, *made), key=lambda finding: (finding.kind == "log-leak", finding.confidence != "proven"))
    return tuple(found), searched


def proven(case: Case, recognised: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The ``recognised`` findings, proven where an effect says the same, and those that effects alone make."""
    found = effects(case)
    upgraded = _once_each(_upgraded(case, finding, found) for finding in recognised)
    known = {(each.reader.invocation, each.kind) for each in upgraded if each.reader}
    new: dict[tuple[int, str, int, bool], Effect] = {}
    for effect in found:
        if (effect.reader, _kind(effect)) not in known:
            new.setdefault(_without_sequence(effect), effect)
    made = tuple(_finding(case, each) for each in _worth_saying(list(new.values())))
    told = [each.reader.invocation for each in (*upgraded, *made) if each.reader and each.kind == "answer-leak"]
    return upgraded, (*made, *same_again(case, found, told))


def _once_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for a leaf and the place it came out: two values of a payload may have been read from one leaf."""
    kept: dict[object, Finding] = {}
    for each in findings:
        kept.setdefault((each.kind, each.writer, each.reader) if each.confidence == "proven" else len(kept), each)
    return tuple(kept.values())


def _worth_saying(found: Sequence[Effect]) -> Sequence[Effect]:
    """A leaf that only decided whether something was kept is left out where another is what was kept."""
    data = {(each.reader, each.path == LOG) for each in found if not each.is_switch}
    return [each for each in found if not each.is_switch or (each.reader, each.path == LOG) not in data][:FINDINGS_MAX]


def _kind(effect: Effect) -> str:
    return "log-leak" if effect.path == LOG else "answer-leak"


def _upgraded(case: Case, finding: Finding, found: Sequence[Effect]) -> Finding:
    fitting = [effect for effect in found if _is_about(effect, finding)]
    same_place = [each for each in fitting if finding.reader and _path(each) == finding.reader.output_path]
    effect = next(iter(same_place or fitting), None) or _of_a_repeat(case, finding, found)
    if effect is None:
        return finding
    return _read_from(finding, effect).model_copy(
        update={
            "confidence": "proven",
            "evidence": (_evidence(effect), *finding.evidence),
            "messages": (
                *_read_from(finding, effect).messages,
                wording.proven(case, effect, in_log=finding.kind == "log-leak"),
            ),
            "reproduces_with": _fewest(effect, found),
        }
    )


def _is_about(effect: Effect, finding: Finding) -> bool:
    return _same_requests(effect, finding) and finding.writer is not None and effect.leaf == finding.writer.leaf


def _same_requests(effect: Effect, finding: Finding) -> bool:
    writer, reader = finding.writer, finding.reader
    if writer is None or reader is None or finding.kind != _kind(effect):
        return False
    return (effect.writer, effect.reader) == (writer.invocation, reader.invocation)


def _of_a_repeat(case: Case, finding: Finding, found: Iterable[Effect]) -> Effect | None:
    """The effect, in the finding's place, of another leaf that has the value too: there the handler read it."""
    if finding.writer is None or finding.reader is None:
        return None
    payload = case.facts.requests[finding.writer.invocation].payload
    repeats = repeats_of(payload, finding.writer.leaf)
    place = finding.reader.output_path
    fitting = (each for each in found if _same_requests(each, finding) and _path(each) == place)
    return next((each for each in fitting if each.leaf in repeats), None)


def _read_from(finding: Finding, effect: Effect) -> Finding:
    """The finding with the leaf that the value was read from."""
    if finding.writer is None or finding.writer.leaf == effect.leaf:
        return finding
    first, *rest = finding.messages
    params = {**first.params, "leaf": cut(effect.leaf), "part": first.params["value"] != cut(effect.sent)}
    return finding.model_copy(
        update={
            "writer": finding.writer.model_copy(update={"leaf": effect.leaf}),
            "messages": (say(first.code, **params), *rest),
        }
    )


def _fewest(effect: Effect, found: Iterable[Effect]) -> tuple[int, ...]:
    """The shortest sequence in which the same follows from the same leaf."""
    same = (each.indexes for each in found if _without_sequence(each) == _without_sequence(effect))
    return min((effect.indexes, *same), key=len)


def _without_sequence(effect: Effect) -> tuple[int, str, int, bool]:
    return effect.writer, effect.leaf, effect.reader, effect.path == LOG


def _path(effect: Effect) -> str:
    return LOG_PATH if effect.path == LOG else effect.path


def _evidence(effect: Effect) -> Evidence:
    return Evidence(
        oracle="interference",
        output_path=_path(effect),
        observations=(
            observed(_sent(effect, effect.sent), effect.got),
            observed(_sent(effect, effect.sent_instead), effect.got_instead),
        ),
        repeats=2 * effect.of_each,
    )


def _sent(effect: Effect, text: str) -> Message:
    return say("request-sent", request=effect.writer, value=cut(text, _SENT_CHARACTERS_MAX))


def _finding(case: Case, effect: Effect) -> Finding:
    reader, writer = case.facts.requests[effect.reader], case.facts.requests[effect.writer]
    before = case.facts.before(reader.index)
    states = case.facts.states.get(reader.environment or "", {})
    sent = next((each for each in case.markers(writer.index) if each.path == effect.leaf and not each.part), None)
    guessed = carrier_of_difference(states, before, reader.index, effect.got, effect.got_instead, sent=sent)
    carried = carrier(case, reader, effect.path, guessed)
    place = carried.leaf if carried else None
    lines = case.lines(place, reader, effect.leaf)
    in_log = effect.path == LOG
    is_bit = effect.got.lower() in _ONE_BIT and effect.got_instead.lower() in _ONE_BIT
    return Finding(
        kind="log-leak" if in_log else "answer-leak",
        grade=Verdict.LEAK,
        **case.of_function(reader),
        location=case.location(carried),
        writer=writer_of(writer, effect.leaf),
        reader=reader_of(reader, _path(effect)),
        evidence=(_evidence(effect), *held(place, states, (*before, reader.index))),
        carrier_confirmed=carried is not None and carried.confirmed,
        severity="high" if in_log or is_bit else "critical",
        confidence="proven",
        truncated=any(state.truncated for state in states.values()),
        sources=lines.all,
        messages=(
            *wording.follows(case, reader, writer, effect, in_log=in_log),
            *overlapped(case, reader, writer, effect.path),
            *wording.carried_by(case.location(carried), lines),
            wording.proven(case, effect, in_log=in_log),
        ),
        reproduces_with=_fewest(effect, effects(case)),
    )
