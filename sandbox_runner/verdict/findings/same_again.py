"""Answers that have again what another's was proven to be made from. Pure.

Of many requests that got one value, replays prove one. Where that is nothing a marker can recognise, as a digest, the
others show the very text that was proven to follow a leaf, in the same place, and not on a cold start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.messages import say
from sandbox_runner.results.model import Evidence, Finding, Verdict
from sandbox_runner.verdict.evidence.case import held, observed, reader_of, writer_of
from sandbox_runner.verdict.evidence.history import CONTROLS_MIN
from sandbox_runner.verdict.evidence.interference import LOG, column, texts
from sandbox_runner.verdict.evidence.senders import is_contested
from sandbox_runner.verdict.evidence.xray import carrier_of_difference
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.findings.carriers import carrier
from sandbox_runner.verdict.texts.markers import contains

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played
    from sandbox_runner.verdict.evidence.interference import Effect

_CHARACTERS_MIN: Final = 6


def same_again(case: Case, proven: Sequence[Effect], known: Collection[int]) -> Iterator[Finding]:
    """A finding for each request whose answer has what an effect of ``proven`` showed in another's.

    :param known: the requests whose answer is known to hold another's data.
    """
    data = [each for each in proven if each.path != LOG and not each.is_switch and _is_made_up(each.got)]
    told = {*known, *(each.reader for each in data)}
    for reader in case.facts.readers() if data else ():
        effect = None if reader.index in told else next((each for each in data if _has(case, reader, each)), None)
        if effect is not None:
            yield _finding(case, reader, effect)


def _is_made_up(text: str) -> bool:
    """Whether it is a text like a digest's: a plan or a city may be made from anybody's data."""
    return len(text) >= _CHARACTERS_MIN and any(map(str.isdigit, text))


def _has(case: Case, reader: Played, effect: Effect) -> bool:
    """Whether the text is in its place in each answer after what ran before, and in none of a cold start."""
    writer, controls = case.facts.requests[effect.writer], case.controls(reader)
    if reader.answer is None or reader.answer.cut or len(controls) < CONTROLS_MIN:
        return False
    if writer.principal == reader.principal or writer.index not in case.facts.before(reader.index):
        return False
    if is_contested(case, writer, reader, effect.leaf):
        return False
    warm = texts(case, (reader.answer, *case.facts.again.get(reader.index, ())))
    return (
        set(column(warm, effect.path)) == {effect.got}
        and effect.got not in column(texts(case, controls), effect.path)
        and not contains(case.own(reader.principal), effect.got.lower())
    )


def _finding(case: Case, reader: Played, effect: Effect) -> Finding:
    before = case.facts.before(reader.index)
    states = case.facts.states.get(reader.environment or "", {})
    (cold, *_) = column(texts(case, case.controls(reader)), effect.path)
    guessed = carrier_of_difference(states, before, reader.index, effect.got, cold)
    carried = carrier(case, reader, effect.path, guessed)
    place = carried.leaf if carried else None
    lines = case.lines(place, reader, effect.leaf)
    repeats = 1 + len(case.facts.again.get(reader.index, ()))
    seen = (observed(say("after-what-ran-before"), effect.got), observed(say("cold-start"), cold))
    compared = Evidence(oracle="history", output_path=effect.path, observations=seen, repeats=repeats)
    return Finding(
        kind="answer-leak",
        grade=Verdict.LEAK,
        **case.of_function(reader),
        location=case.location(carried),
        writer=writer_of(case.facts.requests[effect.writer], effect.leaf),
        reader=reader_of(reader, effect.path),
        evidence=(compared, *held(place, states, (*before, reader.index))),
        carrier_confirmed=carried is not None and carried.confirmed,
        severity="critical",
        confidence="strong",
        truncated=any(state.truncated for state in states.values()),
        sources=lines.all,
        messages=(wording.same_again(case, reader, effect), *wording.carried_by(case.location(carried), lines)),
    )
