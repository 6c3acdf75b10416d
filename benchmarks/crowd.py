"""Six clients who play a handler that waits a second, again and again, and a seventh who only wants an answer."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks.proof_rows import Row
from benchmarks.proofs import LEAKS
from sandbox_runner.events.records import ProofStarted
from sandbox_runner.run.engine import Engine

if TYPE_CHECKING:
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import RunResult

CLIENTS: Final = 6
GOAL: Final = 1.3
_ROW: Final = Row("waits 1 s", waits=1.0)
_FOR_S: Final = 40.0
_EVERY_S: Final = 3.0
_ALONE: Final = 5


@dataclass(slots=True)
class _Played:
    """What became of the six clients' runs."""

    results: list[RunResult] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def proven(self) -> int:
        """How many of them have their leak proven, with its place."""
        return sum(
            any(each.kind in LEAKS and each.confidence == "proven" and each.carrier_confirmed for each in one.findings)
            for one in self.results
        )


def crowd(backend_name: str) -> list[str]:
    """The part as lines."""
    with Engine(backend_name) as engine:
        alone = [_answered_s(engine) for _ in range(_ALONE)]
        over, played = threading.Event(), _Played()
        clients = [threading.Thread(target=_play_on, args=(engine, over, played)) for _ in range(CLIENTS)]
        began = time.monotonic()
        for client in clients:
            client.start()
        beside = []
        while time.monotonic() - began < _FOR_S:
            time.sleep(_EVERY_S)
            beside.append(_answered_s(engine))
        over.set()
        for client in clients:
            client.join()
        took_s = time.monotonic() - began
    ratio = statistics.median(beside) / statistics.median(alone)
    proven = played.proven()
    return [
        f"\n{CLIENTS} clients at once with a handler that waits a second, {backend_name}",
        f"  {len(played.results)} runs in {took_s:.0f} s, {proven} proven with place: {proven / took_s:.2f} a second"
        + "".join(f"\n  failed: {each}" for each in played.failures),
        f"  a seventh has its answers after {_shown(beside)}, alone after {_shown(alone)}: {_against(ratio)}",
    ]


def _against(ratio: float) -> str:
    return f"{ratio:.2f} times   goal ≤ {GOAL:g}: {'met' if ratio <= GOAL else 'MISSED'}"


def _play_on(engine: Engine, over: threading.Event, played: _Played) -> None:
    while not over.is_set():
        try:
            played.results.append(engine.run(_ROW.scenario()))
        except Exception as problem:  # noqa: BLE001 - said in the table; the other clients go on
            played.failures.append(repr(problem))
            return


def _answered_s(engine: Engine) -> float:
    """How long a run takes until its answers are there; its proof is what then yields to others."""
    began, answered = time.monotonic(), []

    def sink(event: Event) -> None:
        if isinstance(event.record, ProofStarted):
            answered.append(time.monotonic() - began)

    engine.run(_ROW.scenario(), sink=sink)
    return answered[0]


def _shown(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s (at most {max(seconds):.2f})"
