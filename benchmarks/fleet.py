"""Fifty requests at once: what all their sandboxes need of the machine's memory, and how long they take.

Counted are this program with its children, and on Docker every process of this run's containers with the engine's
keeper of each. Resident sets are added up, so pages that several share count several times: the figure is a ceiling.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import docker

from sandbox_runner.backends.docker_command import OWNER_LABEL
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario

AT_ONCE: Final = 50
GOAL_MB: Final = 6 * 1024
_RESERVED: Final = 20
_OWNER: Final = "benchmark-fleet"
_SAMPLE_S: Final = 0.25
_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 1024 / 1024
_CODE: Final = "import time\n\n\ndef handler(event, context):\n    time.sleep(0.2)\n    return event\n"


def fifty_at_once(backend_name: str) -> list[str]:
    """The part as lines: without a reservation fifty environments, with one the throttles that it says."""
    lines = [f"\n{AT_ONCE} requests at once, twice, 128 MB each, {backend_name}"]
    for reserved in (None, _RESERVED):
        with Engine(backend_name) as engine, _sampled(backend_name) as peaks:
            began = time.monotonic()
            result = engine.run(_scenario(reserved), options=RunOptions(prove=False, owner=_OWNER))
            took_s = time.monotonic() - began
        lines.append(_line(result, reserved, took_s, max(peaks)))
    return lines


def _scenario(reserved: int | None) -> Scenario:
    step = {"concurrent": [{"payload": number} for number in range(AT_ONCE)]}
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": _CODE}}
    return parse_scenario({"function": function, "reserved_concurrency": reserved, "steps": [step, step]})


def _line(result: RunResult, reserved: int | None, took_s: float, peak_mb: float) -> str:
    outcomes = Counter(str(each.outcome) for each in result.invocations)
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    met = "met" if peak_mb <= GOAL_MB else "MISSED"
    what = "no reservation" if reserved is None else f"{reserved} reserved"
    return (
        f"  {what}: {len(result.environments)} environments, {said}, {took_s:.1f} s, "
        f"at most {peak_mb:,.0f} MB resident   goal ≤ {GOAL_MB:,} MB: {met}"
    )


@contextlib.contextmanager
def _sampled(backend_name: str) -> Iterator[list[float]]:
    """Memory in MB, looked at again and again by a thread of its own until the block ends."""
    samples = [0.0]
    over = threading.Event()

    def look() -> None:
        while not over.wait(_SAMPLE_S):
            samples.append(_resident_mb(_containers() if backend_name == "docker" else ()))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _containers() -> Sequence[str]:
    with contextlib.closing(docker.APIClient(version="auto")) as engine:
        return [each["Id"] for each in engine.containers(filters={"label": f"{OWNER_LABEL}={_OWNER}"})]


def _resident_mb(containers: Sequence[str]) -> float:
    parents: dict[int, int] = {}
    sizes: dict[int, float] = {}
    ours = {os.getpid()}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            pid = int(folder.name)
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[pid] = int((folder / "statm").read_text().split()[1]) * _PAGE_MB
            belongs = containers and (folder / "cgroup").read_text() + (folder / "cmdline").read_text()
            if belongs and any(name in belongs for name in containers):
                ours.add(pid)
    return sum(size for pid, size in sizes.items() if pid in ours or _descends(pid, parents, ours))


def _descends(pid: int, parents: dict[int, int], ours: set[int]) -> bool:
    while (pid := parents.get(pid, 0)) > 1:
        if pid in ours:
            return True
    return False
