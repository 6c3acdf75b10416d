"""What a proof takes for handlers that wait, compute, start slowly or answer many requests, as a table."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.events.records import Event, ProofStarted, ReplayStarted
from sandbox_runner.run.engine import Engine
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.results.model import RunResult

_PYTHON: Final = """import time
time.sleep({init})
kept = {{}}
def handler(event, context):
    kept.setdefault("user", event["user"])
    end = time.process_time() + {computes}
    while time.process_time() < end:
        pass
    time.sleep({waits})
    return {{"user": kept["user"]}}
"""
_NODE: Final = """let kept;
exports.handler = async (event) => {{
  kept ??= event.user;
  await new Promise((done) => setTimeout(done, {waits} * 1000));
  return {{ user: kept }};
}};
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One handler with a leak by one variable, and how often it is asked, each time on somebody else's behalf."""

    name: str
    waits: float = 0.0
    computes: float = 0.0
    init: float = 0.0
    requests: int = 2
    node: bool = False

    def scenario(self) -> Scenario:
        """What is played."""
        numbers = {"waits": self.waits, "computes": self.computes, "init": self.init}
        files = {"index.js": _NODE.format(**numbers)} if self.node else {"app.py": _PYTHON.format(**numbers)}
        function: dict[str, Any] = {
            "runtime": "nodejs22.x" if self.node else "python3.13",
            "handler": "index.handler" if self.node else "app.handler",
            "timeout_s": 30,
            "files": files,
        }
        users = [f"tenant-{number}-{number * 7919:05x}" for number in range(1, self.requests + 1)]
        steps = [{"invoke": {"as": user, "payload": {"user": user}}} for user in users]
        return Scenario.model_validate({"version": 1, "function": function, "steps": steps})


ROWS: Final = (
    Row("at once"),
    Row("waits 0.5 s", waits=0.5),
    Row("waits 1 s", waits=1.0),
    Row("waits 2 s", waits=2.0),
    Row("waits 5 s", waits=5.0),
    Row("computes 0.4 s", computes=0.4),
    Row("init 1 s", init=1.0),
    Row("init 3 s", init=3.0),
    Row("init 8 s", init=8.0),
    Row("Node, waits 0.3 s", waits=0.3, node=True),
    Row("Node, waits 1 s", waits=1.0, node=True),
    Row("10 requests", requests=10),
    Row("50 requests", requests=50),
    Row("200 requests", requests=200),
)
_TITLES: Final = ("handler", "run", "verdict after", "replays", "at once", "CPU", "proven", "place", "load")


def proofs(backend_name: str, rows: tuple[Row, ...] = ROWS) -> list[str]:
    """The part as lines, a row for each handler; each is played once, and the load is that before it."""
    lines = [f"\nproofs, {backend_name}", _line(dict(zip(_TITLES, _TITLES, strict=True)))]
    with Engine(backend_name) as engine:
        engine.run(ROWS[0].scenario())
        lines += [_line(_measured(engine, row)) for row in rows]
    return lines


def _measured(engine: Engine, row: Row) -> dict[str, str]:
    load, began, cpu = os.getloadavg()[0], time.monotonic(), _processor_s()
    result = engine.run(row.scenario())
    took, cpu = time.monotonic() - began, _processor_s() - cpu
    leaks = [each for each in result.findings if each.kind in ("answer-leak", "log-leak")]
    cells = (
        row.name,
        f"{_run_s(result.events):.1f} s",
        f"{took:.1f} s",
        str(sum(isinstance(event.record, ReplayStarted) for event in result.events)),
        str(_at_once(result)),
        f"{cpu:.1f} s",
        _share([each.confidence == "proven" for each in leaks]),
        _share([each.carrier_confirmed for each in leaks]),
        f"{load:.1f}",
    )
    return dict(zip(_TITLES, cells, strict=True))


def _run_s(events: tuple[Event, ...]) -> float:
    return next((event.at_us for event in events if isinstance(event.record, ProofStarted)), 0) / 1_000_000


def _at_once(result: RunResult) -> int:
    """How many replays were under way at the same time, at most."""
    under_way, most = set[int](), 0
    for event in result.events:
        if isinstance(event.record, ReplayStarted):
            under_way.add(event.record.replay)
            most = max(most, len(under_way))
        elif (number := getattr(event.record, "replay", None)) is not None:
            under_way.discard(number)
    return most


def _share(held: list[bool]) -> str:
    return f"{sum(held)} of {len(held)}"


def _processor_s() -> float:
    """What this process and those it has waited for have used; an engine's sandboxes are not among them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _line(cells: Mapping[str, str]) -> str:
    name, *others = cells.values()
    return f"  {name:<20}" + "".join(f"{each:>15}" for each in others)
