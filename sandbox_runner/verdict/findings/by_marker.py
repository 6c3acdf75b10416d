"""The marker oracle: one principal's value in another's answer or log, and not in the fresh control. Pure.

A hit names writer, leaf and reader; where the value sat in between, the state walk says. Searching is bounded for a
whole run, because each request's values are looked for in everything that came after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.handler_code.process_state import can_be_put_back
from sandbox_runner.messages import say
from sandbox_runner.results.model import Evidence, Finding, Verdict
from sandbox_runner.verdict.evidence.case import (
    LOG,
    Carried,
    held,
    observed,
    output_texts,
    reader_of,
    shown_at,
    stands_in,
    writer_of,
)
from sandbox_runner.verdict.evidence.interference import LOG as IN_LOG
from sandbox_runner.verdict.evidence.read_back import read_back
from sandbox_runner.verdict.evidence.senders import sender
from sandbox_runner.verdict.evidence.xray import carrier_of, delivered, out_of_sight
from sandbox_runner.verdict.findings import wording
from sandbox_runner.verdict.findings.carriers import carrier
from sandbox_runner.verdict.findings.overlaps import overlapped
from sandbox_runner.verdict.texts.markers import Hit, Marker, Searched, search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox_runner.verdict.evidence.case import Case
    from sandbox_runner.verdict.evidence.facts import Played

# One for each request, where each step is one.
FINDINGS_MAX: Final = limits.STEPS_MAX
_NUMBERS: Final = ("int", "float", "bool", "number", "boolean")


def first_leak(case: Case) -> Finding | None:
    """The first finding about an answer, else the first about a log; no more is looked for than that takes."""
    searched, in_log = Searched(), None
    for finding in (each for reader in case.facts.readers() for each in _of_reader(case, reader, searched)):
        if finding.kind == "answer-leak":
            return finding
        in_log = in_log or finding
    return in_log


def leaks(case: Case, reader: Played | None = None) -> tuple[tuple[Finding, ...], Searched]:
    """A finding for each value that came out in another principal's answer or log.

    :param reader: whose alone, if not everybody's.
    """
    searched = Searched()
    found: list[Finding] = []
    for each in case.facts.readers() if reader is None else (reader,):
        for finding in _of_reader(case, each, searched):
            if len(found) >= FINDINGS_MAX:
                searched.cut = True
                return tuple(found), searched
            found.append(finding)
    return tuple(found), searched


def _of_reader(case: Case, reader: Played, searched: Searched) -> Iterator[Finding]:
    answer = reader.answer
    if answer is None:
        return
    searched.outputs += 1
    texts = output_texts(answer)
    everything = "\n".join([*(text for _, text in texts), *answer.log])
    controls = case.controls(reader)
    done: set[str] = set()
    leaves_done: set[tuple[int, str]] = set()
    for writer, marker in _foreign_markers(case, reader):
        leaf = (writer.index, marker.path)
        if marker.text in done or (marker.part and leaf in leaves_done) or not searched.afford(len(everything)):
            continue
        searched.values += 1
        hit = search(everything, marker)
        if hit is None or not case.foreign(reader, hit) or stands_in(controls, hit) or (marker.part and not controls):
            continue
        if not controls and read_back(case, reader, writer, hit):
            continue
        done.add(marker.text)
        yield (finding := _finding(case, reader, (writer, hit), texts))
        if finding.writer is not None:
            leaves_done.add((finding.writer.invocation, finding.writer.leaf))


def _foreign_markers(case: Case, reader: Played) -> Iterator[tuple[Played, Marker]]:
    """The newest writer first."""
    for index in reversed(case.facts.before(reader.index)):
        writer = case.facts.requests[index]
        if writer.principal != reader.principal:
            yield from ((writer, marker) for marker in case.markers(index))


def _finding(case: Case, reader: Played, found: tuple[Played, Hit], texts: Sequence[tuple[str, str]]) -> Finding:
    newest, hit = found
    path = next((path for path, text in texts if search(text, hit.marker)), None)
    controls = case.controls(reader)
    before = case.facts.before(reader.index)
    states = case.facts.states.get(reader.environment or "", {})
    guessed = carrier_of(states, before, reader.index, hit.marker)
    if guessed is not None and path is not None and not can_be_put_back(guessed.carrier):
        # Work that went on had it; what the answer was made of is where that work put it.
        shown = next(text for at, text in texts if at == path)
        guessed = delivered(states, before, reader.index, hit.marker, shown) or guessed
    carried = carrier(case, reader, IN_LOG if path is None else path, guessed, hit.marker.text)
    if guessed is not None and carried is not None and carried.leaf != guessed:
        # Another place may decide whether it is shown, and so make the answer fresh too; one that held it carried it.
        also = carrier_of(states, before, reader.index, hit.marker, carried.leaf.carrier)
        carried = (
            Carried(also, carried.name, confirmed=True) if also else Carried(guessed, case.name_of(guessed, reader))
        )
    if guessed is None and not _may_hold(carried, hit):
        # What no walk sees holds what none saw: nothing else is left. That cannot be put back, so it stays a guess.
        hidden = out_of_sight(states, before, reader.index)
        carried = Carried(hidden, hidden.carrier) if hidden else carried
    place = carried.leaf if carried else None
    writer, marker = sender(case, reader, hit.marker, place) or (newest, hit.marker)
    hit = replace(hit, marker=marker)
    lines = case.lines(place, reader, hit.marker.path)
    return Finding(
        kind="log-leak" if path is None else "answer-leak",
        grade=Verdict.LEAK,
        **case.of_function(reader),
        location=case.location(carried),
        writer=writer_of(writer, hit.marker.path),
        reader=reader_of(reader, LOG if path is None else path),
        evidence=(_evidence(case, reader, (writer, hit), path), *held(place, states, (*before, reader.index))),
        carrier_confirmed=carried is not None and carried.confirmed,
        severity="high" if path is None else "critical",
        confidence="strong" if controls else "suspected",
        truncated=_is_truncated(case, reader),
        sources=lines.all,
        messages=(
            wording.leaked(case, reader, writer, hit, in_log=path is None),
            *overlapped(case, reader, writer, IN_LOG if path is None else path),
            *wording.carried_by(case.location(carried), lines),
        ),
    )


def _may_hold(carried: Carried | None, hit: Hit) -> bool:
    """Whether a place can have held what came out; a number that is put back decides only how much of a text does."""
    return carried is not None and (carried.leaf.kind not in _NUMBERS or hit.text.isdigit())


def _is_truncated(case: Case, reader: Played) -> bool:
    states = case.facts.states.get(reader.environment or "", {})
    return bool(reader.answer and reader.answer.cut) or any(state.truncated for state in states.values())


def _evidence(case: Case, reader: Played, found: tuple[Played, Hit], path: str | None) -> Evidence:
    assert reader.answer is not None
    writer, hit = found
    when = "beside-request" if case.facts.overlap(reader.index, writer.index) else "after-request"
    seen = [
        observed(say("value-sent", request=writer.index), hit.marker.text),
        observed(say(when, request=writer.index), shown_at(reader.answer, path, hit)),
        *(observed(say("cold-start"), shown_at(control, path, None)) for control in case.controls(reader)[:1]),
    ]
    return Evidence(
        oracle="marker",
        output_path=LOG if path is None else path,
        form=hit.form,
        observations=tuple(seen),
    )
