"""What a proof takes for handlers that wait, compute, start slowly or answer many requests, as a table."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from benchmarks.proof_rows import ROWS, Row
from sandbox_runner.events.records import Event, ProofJudged, ProofStarted, ReplayAnswered, ReplayStarted
from sandbox_runner.proof.lanes import worked_s
from sandbox_runner.results.model import Verdict
from sandbox_runner.run.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox_runner.results.model import RunResult

LEAKS: Final = ("answer-leak", "log-leak", "background-log")
# The machine rests where its processors, all together, work so much of so long.
_CALM_S: Final = 1.0
_CALM_SHARE: Final = 0.2
_TITLES: Final = (
    "handler",
    "run",
    "lead",
    "verdict",
    "ratio",
    "bound",
    "proven",
    "place",
    "replays",
    "at once",
    "CPU",
    "load",
)


def chosen(words: Sequence[str]) -> tuple[Row, ...]:
    """The rows whose name has one of ``words``; all without any."""
    return tuple(row for row in ROWS if not words or any(word.lower() in row.name.lower() for word in words))


def proofs(backend_name: str, words: Sequence[str] = ()) -> Iterator[str]:
    """The part as lines, a row for each handler; each is played once, and the load is that before it.

    ``lead`` is when the first leak was proven and its place put back, ``verdict`` when all was over. Of many requests
    the first has its bound, of others the second.
    Each begins when what its predecessor left is removed and the pool is full, as far as the machine tells.
    The processor time is that of the whole machine meanwhile: an engine's sandboxes are no children of this process.
    """
    yield f"\nproofs, {backend_name}"
    yield _line(dict(zip(_TITLES, _TITLES, strict=True)))
    with Engine(backend_name) as engine:
        engine.run(ROWS[0].scenario())
        for row in chosen(words):
            if row.requirements:
                # Packages are installed once; every later run has them.
                engine.run(row.scenario())
            rest()
            yield _line(_measured(engine, row))


def rest(most_s: float = 15) -> None:
    """Wait until the machine does little for a while, or ``most_s``: sandboxes are removed and started after a run."""
    end = time.monotonic() + most_s
    worked = worked_s()
    while time.monotonic() < end:
        time.sleep(_CALM_S)
        before, worked = worked, worked_s()
        if worked - before <= _CALM_SHARE * _CALM_S:
            return


def _measured(engine: Engine, row: Row) -> dict[str, str]:
    load, began, cpu = os.getloadavg()[0], time.monotonic(), worked_s()
    result = engine.run(row.scenario())
    took, cpu = time.monotonic() - began, worked_s() - cpu
    run_s, lead_s = _run_s(result.events), _lead_s(result.events)
    bounded_s = lead_s if row.bound == "many" else took
    leaks = [each for each in result.findings if each.kind in LEAKS]
    cells = (
        row.name,
        f"{run_s:.1f} s",
        f"{lead_s:.1f} s" if lead_s else "-",
        f"{took:.1f} s",
        f"{took / run_s:.1f}" if run_s else "-",
        "met" if bounded_s <= row.most_s(run_s) else f"MISSED {row.most_s(run_s):.1f} s",
        _held([each.confidence == "proven" for each in leaks], row, result),
        _held([each.carrier_confirmed for each in leaks], row, result),
        str(sum(isinstance(event.record, ReplayStarted) for event in result.events)),
        str(at_once(result)),
        f"{cpu:.1f} s",
        f"{load:.1f}",
    )
    return dict(zip(_TITLES, cells, strict=True))


def _held(held: list[bool], row: Row, result: RunResult) -> str:
    """How many of the leaks; for a handler without one, whether it was called clean."""
    if not row.leaks:
        return "clean" if result.verdict == Verdict.CLEAN else f"WRONG {result.verdict}"
    return f"{sum(held)} of {len(held)}" if held else f"WRONG {result.verdict}"


def _run_s(events: tuple[Event, ...]) -> float:
    return next((event.at_us for event in events if isinstance(event.record, ProofStarted)), 0) / 1_000_000


def _lead_s(events: tuple[Event, ...]) -> float:
    """When what carried the leading leak was put back for the last time before others were compared; 0 if never."""
    proven = next((at for at, event in enumerate(events) if _proves(event)), len(events))
    carried: set[int] = set()
    lead_us = 0
    for at, event in enumerate(events):
        match event.record:
            case ReplayStarted(purpose="carrier", replay=replay):
                carried.add(replay)
            case ReplayStarted() if at > proven:
                break
            case ReplayAnswered(replay=replay) if replay in carried:
                lead_us = event.at_us
            case _ if at == proven:
                lead_us = event.at_us
            case _:
                pass
    return lead_us / 1_000_000


def _proves(event: Event) -> bool:
    return isinstance(event.record, ProofJudged) and event.record.confidence == "proven"


def at_once(result: RunResult) -> int:
    """How many replays were under way at the same time, at most."""
    under_way, most = set[int](), 0
    for event in result.events:
        if isinstance(event.record, ReplayStarted):
            under_way.add(event.record.replay)
            most = max(most, len(under_way))
        elif (number := getattr(event.record, "replay", None)) is not None:
            under_way.discard(number)
    return most


def _line(cells: Mapping[str, str]) -> str:
    name, *others = cells.values()
    return f"  {name:<22}" + "".join(f"{each:>14}" for each in others)
