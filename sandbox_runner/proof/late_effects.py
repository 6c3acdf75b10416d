"""Effects inside one invocation that come from work which an earlier one started, as a replay with the probe saw them.

Pure. A run's own files are not looked into, so a late write is placed where the request begins in which the replay saw
it; what was sent to a peer is placed where the peer received as many bytes in that request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.events.records import LateWork, PeerEvent, PlatformStart, RequestAnswered, RequestAssigned
from sandbox_runner.messages import cut, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox_runner.events.records import Event, LateLine, StateCaptured
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.verdict.evidence.facts import Facts

# What code is written with that goes on after an answer; without any of it there is nothing to look for.
_GOES_ON: Final = re.compile(
    r"threading|\bThread|concurrent\.futures|Executor|create_task|ensure_future|call_later|subprocess|multiprocessing"
    r"|\bfork\b|setTimeout|setInterval|setImmediate|timers/promises|child_process|worker_threads"
)


def leaving(scenario: Scenario, facts: Facts) -> tuple[str, ...]:
    """The environments in which a request could have met work of an earlier one."""
    going_on = {name for name, each in scenario.functions.items() if any(map(_GOES_ON.search, each.files.values()))}
    return tuple(
        name
        for name, sequence in facts.sequences.items()
        if name and len(sequence) > 1 and facts.requests[sequence[0]].function in going_on
    )


def effects(
    environment: str,
    states: Iterable[StateCaptured],
    sequence: Sequence[int],
    events: Sequence[Event],
    ports: Mapping[int, str],
) -> Iterator[tuple[Event, LateWork]]:
    """The late effects of one environment, each with the event of the run that it is placed at.

    :param ports: the name of each peer by its port.
    """
    received = [each for each in events if _is_received(each, environment)]
    told: set[tuple[int, LateLine]] = set()
    for state in states:
        windows = list(_windows(events, environment, state.after_index))
        for line in state.late:
            if not line.effect or not windows or line.started_by not in _earlier(sequence, state.after_index):
                continue
            if line.effect == "file":
                if (state.after_index, line) in told:
                    continue
                told.add((state.after_index, line))
            place = _received(received, windows, line, ports) if line.effect == "peer" else windows[-1][0]
            if place is not None:
                yield place, _record(line, state.after_index, ports)


def _earlier(sequence: Sequence[int], index: int) -> set[int]:
    return {0, *sequence[: sequence.index(index)]} if index in sequence else set()


def _windows(events: Sequence[Event], environment: str, index: int) -> Iterator[tuple[Event, int, int]]:
    """For each attempt at a request there: the event that begins it, and from when until when it lasted."""
    start: Event | None = None
    for event in events:
        record = event.record
        if isinstance(record, RequestAssigned) and record.index == index:
            start = event if event.environment == environment else None
        elif start is not None and event.request_id == start.request_id and event.environment == environment:
            if isinstance(record, PlatformStart):
                start = event.model_copy(update={"at_us": max(event.at_us, start.at_us)})
            elif isinstance(record, RequestAnswered):
                yield start, start.at_us, event.at_us
                start = None


def _is_received(event: Event, environment: str) -> bool:
    return event.environment == environment and isinstance(event.record, PeerEvent) and event.record.what == "received"


def _received(
    received: list[Event], windows: Sequence[tuple[Event, int, int]], line: LateLine, ports: Mapping[int, str]
) -> Event | None:
    """What the peer's own log has of it in the run; each entry is used once."""
    size, peer = _sent(line, ports)
    for event in received:
        record = event.record
        assert isinstance(record, PeerEvent)  # nothing else is in the list
        within = any(first <= event.at_us <= last for _, first, last in windows)
        if within and record.peer == peer and record.bytes == size:
            received.remove(event)
            return event.model_copy(update={"request_id": windows[-1][0].request_id})
    return None


def _record(line: LateLine, ran_in: int, ports: Mapping[int, str]) -> LateWork:
    at_peer = line.effect == "peer"
    what, _, path = line.text.partition(" ")
    size, peer = _sent(line, ports)
    return LateWork(
        started_by=line.started_by,
        ran_in=ran_in,
        kind=line.kind,
        text="",
        evidence=say("replay-shows-effect", work=line.kind, request=line.started_by, at_peer=at_peer),
        effect=line.effect,
        done=say("sent-bytes", bytes=size, peer=peer)
        if at_peer
        else say("changed-file", how=what, path=cut(path, 400)),
    )


def _sent(line: LateLine, ports: Mapping[int, str]) -> tuple[int, str]:
    """How many bytes, and to which peer; empty where it is none."""
    _, size, port = (*line.text.split(" "), "", "", "")[:3]
    is_sent = size.isascii() and size.isdigit() and port.isascii() and port.isdigit()
    return (int(size), ports.get(int(port), "")) if is_sent else (0, "")
