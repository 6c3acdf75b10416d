"""From the request to the verdict for the gallery's second incident: through the engine, and through the product."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import Measured, heading
from benchmarks.warm import Timed
from sandbox_runner.events.records import Event, RequestAnswered
from sandbox_runner.run.engine import Engine
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.reader import read_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.scenario.model import Scenario

GOAL_S: Final = 1.5
ROOT: Final = Path(__file__).resolve().parent.parent
INCIDENT: Final = ROOT / "playground/gallery/incidents/02-python-module-global/scenario.yaml"
_WAIT_S: Final = 60.0
# Asking costs the machine that is measured; half of this is what it adds to a figure.
POLL_S: Final = 0.05


def through_the_engine(backend_name: str, rounds: int) -> list[str]:
    """The part as lines: until the last answer, and until the verdict with its proof."""
    answered, proven = Timed("last request answered"), Timed("verdict, replays included")
    scenario = incident()
    with Engine(backend_name) as engine:
        engine.run(scenario)
        for _ in range(rounds):
            answers: list[int] = []
            _play(engine, scenario, answers, proven)
            answered.begin()
            answered.add(answers[-1] / 1000)
    lines = [measured.line() for measured in (answered.measured(), proven.measured())]
    return [heading(f"request to verdict, engine, {backend_name}, {rounds} runs"), *lines, _goal(proven.measured())]


def through_the_product(backend_name: str, rounds: int) -> list[str]:
    """The part as lines: a run is posted to the API and asked for until it is finished."""
    timed = Timed("posted -> finished, as the API says")
    body = json.dumps({"scenario": incident().to_json()}).encode()
    with product(backend_name) as url:
        for number in range(rounds + 1):
            took = _post_and_wait(url, body)
            if number:
                timed.begin()
                timed.add(took)
    measured = timed.measured()
    return [heading(f"request to verdict, web, {backend_name}, {rounds} runs"), measured.line(), _goal(measured)]


def incident() -> Scenario:
    """The scenario as the command line reads it."""
    return read_scenario(INCIDENT.read_text(encoding="utf-8"), beside=Beside(INCIDENT.parent))


@contextmanager
def product(backend_name: str, **more: str) -> Iterator[str]:
    """The product with data of its own and ``more`` variables, as ``make run`` starts it; yields its URL."""
    command = [sys.executable, "manage.py", "holdover"]
    with tempfile.TemporaryDirectory(prefix="holdover-bench-") as data:
        link_images(Path(data))
        # The next free port: this is nobody's address but ours.
        inherited = {name: value for name, value in os.environ.items() if name not in {"HOST", "PORT"}}
        environment = inherited | {"HOLDOVER_DATA": data, "HOLDOVER_BACKEND": backend_name, **more}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                yield _url(process)
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=_WAIT_S)


def link_images(data: Path) -> None:
    """Let the fresh data folder use the root file systems that are already built."""
    built = Path(os.environ.get("HOLDOVER_DATA", ROOT / "var")) / "image"
    if built.is_dir():
        (data / "image").symlink_to(built.resolve())


def _play(engine: Engine, scenario: Scenario, answers: list[int], proven: Timed) -> None:
    began = time.monotonic_ns()

    def note(event: Event) -> None:
        if isinstance(event.record, RequestAnswered):
            answers.append(time.monotonic_ns() - began)

    engine.run(scenario, sink=note)
    proven.begin()
    proven.add((time.monotonic_ns() - began) / 1000)


def _url(process: subprocess.Popen[str]) -> str:
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://[\w.:\[\]]+", line):
            return found[0]
    raise RuntimeError("the product did not start: " + "".join(said[-20:]))


def _post_and_wait(url: str, body: bytes) -> float:
    began = time.monotonic_ns()
    posted = _ask(f"{url}/api/v1/runs", body)
    where = posted["api_url"] if posted["api_url"].startswith("http") else url + posted["api_url"]
    while (status := _ask(where)["status"]) in {"queued", "running", "proving"}:
        if time.monotonic_ns() - began > _WAIT_S * 1e9:
            raise RuntimeError(f"the run is still {status} after {_WAIT_S:g} s")
        time.sleep(POLL_S)
    if status != "finished":
        raise RuntimeError(f"the run ended as {status}")
    return (time.monotonic_ns() - began) / 1000


def _ask(url: str, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=_WAIT_S) as answer:
        said: dict[str, Any] = json.load(answer)
    return said


def _goal(measured: Measured) -> str:
    seconds = measured.percentile(0.5) / 1000
    return f"  p50 {seconds:.2f} s   goal ≤ {GOAL_S:g} s with Docker: {'met' if seconds <= GOAL_S else 'MISSED'}"
