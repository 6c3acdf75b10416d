"""Which lines of a run cannot be their request's own, and which earlier request the replay says they belong to. Pure.

A line is suspicious when the request that it came out in does not write it in a fresh environment. That says that it
may be late; that it is, and whose it is, says a replay of the environment's requests in which a probe follows every
thread, timer, promise and child. A line that carries an earlier request's id in its frame says so itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import EnvironmentFrozen, EnvironmentThawed, LateWork, LogWritten
from sandbox_runner.limits import KB
from sandbox_runner.messages import say
from sandbox_runner.proof.player import LOG_LINES_MAX
from sandbox_runner.runtimes.model import REQUEST_ID
from sandbox_runner.runtimes.registry import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.events.records import Event, LateLine, StateCaptured
    from sandbox_runner.verdict.evidence.facts import Facts, Played

_FRAMES: Final = tuple(re.compile(language.log_frame) for language in LANGUAGES)
_CHANGING: Final = re.compile(rf"{REQUEST_ID}|\d{{4}}-\d\d-\d\dT[\d:.]+Z?")
# What is another in every run: hexadecimal digits as of a UUID, and letters and digits in one as of a random name.
_DRAWN: Final = re.compile(r"(?<![\w@.])(?:[0-9a-fA-F]{8,}|(?=[A-Za-z_]*\d)\w{6,})(?![\w@.])")
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line that request ``ran_in`` does not write when it is alone."""

    ran_in: int
    event: Event
    text: str


def bare(line: str) -> str:
    """A line without what the client put round it and without what differs from run to run."""
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict) and "message" in said:
            line = said["message"] if isinstance(said["message"], str) else json.dumps(said["message"])
    frame = next((frame for frame in _FRAMES if frame.search(line)), None)
    return _CHANGING.sub("#", frame.sub("", line, count=1) if frame else line).rstrip()[:KB]


def suspects(facts: Facts, events: Iterable[Event]) -> dict[str, list[Suspect]]:
    """The suspicious lines of each environment, in order."""
    readers = {each.answer.request_id: each for each in facts.readers() if each.answer}
    usual = {request_id: _usual(facts, reader) for request_id, reader in readers.items()}
    found: dict[str, list[Suspect]] = {}
    for event in events:
        reader, own = readers.get(event.request_id or ""), usual.get(event.request_id or "")
        if not isinstance(event.record, LogWritten) or reader is None or event.environment != reader.environment:
            continue
        text = bare(event.record.text)
        if own is None:
            continue
        if own[text] > 0:
            own[text] -= 1
        else:
            found.setdefault(event.environment or "", []).append(Suspect(reader.index, event, text))
    return found


def _usual(facts: Facts, reader: Played) -> Counter[str] | None:
    """The lines that it writes alone; ``None`` where that is not known to the end."""
    controls = facts.controls(reader.index)
    if not controls or any(len(each.log) >= LOG_LINES_MAX for each in controls):
        return None
    lines: Counter[str] = Counter()
    for each in controls:
        lines |= Counter(map(bare, each.log))
    return lines


def gaps(environment: str, events: Iterable[Event], longest_s: float) -> tuple[float, ...]:
    """How long an environment was frozen before each of its requests, in seconds of run time; 0 before the first."""
    waits: list[float] = [0.0]
    since: int | None = None
    for event in events:
        if event.environment != environment:
            continue
        if isinstance(event.record, EnvironmentFrozen):
            since = event.at_us
        elif isinstance(event.record, EnvironmentThawed) and since is not None:
            waits.append(min(longest_s, max(0.0, (event.at_us - since) / 1_000_000)))
    return tuple(waits)


def attributed(
    seen: Sequence[Suspect], states: Iterable[StateCaptured], sequence: Sequence[int]
) -> tuple[tuple[Suspect, LateWork], ...]:
    """The lines that a replay of ``sequence`` knows to be an earlier request's, each with its record."""
    left = [(state.after_index, line) for state in states for line in state.late if not line.effect]
    found = []
    for suspect in seen:
        earlier = {0, *sequence[: _place(sequence, suspect.ran_in)]}
        match = _best(suspect, [each for each in left if each[1].started_by in earlier])
        if match is not None:
            left.remove(match)
            found.append((suspect, _record(suspect, match[1])))
    return tuple(found)


def self_evident(suspect: Suspect, facts: Facts) -> LateWork | None:
    """What a line says by itself, where its frame carries the id of an earlier request of the same environment."""
    ids = {each.answer.request_id: each.index for each in facts.requests.values() if each.answer}
    index = ids.get(_carried_id(suspect.event))
    if index is None or index not in facts.before(suspect.ran_in):
        return None
    evidence = say("line-names-request", request=index, ran_in=suspect.ran_in)
    return LateWork(started_by=index, ran_in=suspect.ran_in, kind="unknown", text=suspect.text, evidence=evidence)


def _carried_id(event: Event) -> str:
    text = event.record.text if isinstance(event.record, LogWritten) else ""
    if framed := next((found for frame in _FRAMES if (found := frame.match(text))), None):
        return framed["id"] or ""
    found = re.match(rf'\{{"timestamp".{{0,300}}?"requestId":\s?"({REQUEST_ID})"', text)
    return found[1] if found else ""


def _place(sequence: Sequence[int], index: int) -> int:
    return sequence.index(index) if index in sequence else 0


def _best(suspect: Suspect, candidates: Sequence[tuple[int, LateLine]]) -> tuple[int, LateLine] | None:
    """The replay's line that is this one: the same text, if need be but for its numbers and what was drawn for it.

    Of several it is the one with the most words the same, and of those one in the same request.
    """
    ranked = []
    for each in candidates:
        ran_in, line = each
        text = bare(line.text)
        if text == suspect.text or _undrawn(text) == _undrawn(suspect.text):
            differing = sum(a != b for a, b in zip(text.split(), suspect.text.split(), strict=False))
            ranked.append(((text != suspect.text, differing, ran_in != suspect.ran_in), each))
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None


def _undrawn(text: str) -> str:
    return _DIGITS.sub("0", _DRAWN.sub("0", text))


def _record(suspect: Suspect, line: LateLine) -> LateWork:
    if line.kind == "child":
        evidence = say("replay-shows-child", request=line.started_by)
    else:
        evidence = say("replay-shows-work", work=line.kind, request=line.started_by)
    return LateWork(
        started_by=line.started_by, ran_in=suspect.ran_in, kind=line.kind, text=suspect.text, evidence=evidence
    )
