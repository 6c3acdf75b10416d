"""Runs whose functions have packages: from being asked for until the first answer, installed anew and kept."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Ratio, heading
from benchmarks.sdk import WITHOUT_BYTECODE
from benchmarks.warm import Timed
from sandbox_runner.dependencies.preparing import Dependencies
from sandbox_runner.dependencies.store import Store
from sandbox_runner.errors import OurFailure
from sandbox_runner.events.records import RequestAnswered
from sandbox_runner.limits import MB
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario
from tests.popular_packages import NODE, PYTHON

if TYPE_CHECKING:
    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario

_FIVE: Final = "requests\npydantic\nPyJWT\nPyYAML\nbeautifulsoup4\n"
_HANDLER: Final = "def handler(event, context):\n    return 1\n"
_IMPORTING: Final = f"import bs4, jwt, pydantic, requests, yaml\n\n{_HANDLER}"
_FROM_SOURCE: Final = f"{WITHOUT_BYTECODE}{_IMPORTING}"


def packages(name: str, rounds: int) -> list[str]:
    """The part as lines. The index is the one that this machine has."""
    cold = Timed("installed anew")
    bare, there, imported = Timed("without packages"), Timed("five, kept"), Timed("five, kept and imported")
    source = Timed("five, kept and imported from source")
    kept = (
        (bare, _HANDLER, ""),
        (there, _HANDLER, _FIVE),
        (imported, _IMPORTING, _FIVE),
        (source, _FROM_SOURCE, _FIVE),
    )
    for _ in range(max(1, rounds // 5)):
        with tempfile.TemporaryDirectory() as folder, _engine(name, folder) as engine:
            cold.begin()
            cold.add(_first_answer(engine, _scenario(_HANDLER, _FIVE)))
    with tempfile.TemporaryDirectory() as folder, _engine(name, folder) as engine:
        _first_answer(engine, _scenario(_HANDLER, _FIVE))
        for _ in range(rounds):
            for timed, code, asked in kept:
                timed.begin()
                timed.add(_first_answer(engine, _scenario(code, asked)))
    return [
        heading(f"a run with five packages: asked -> first answer, {name}, {rounds} rounds in turns"),
        *(timed.measured().line() for timed in (cold, bare, there, imported, source)),
        Ratio(there.measured(), bare.measured()).line(),
        Ratio(imported.measured(), bare.measured()).line(),
        Ratio(source.measured(), imported.measured()).line(),
    ]


def popular(name: str) -> list[str]:
    """One function for each of the packages that people have most: the first run with it, and three later ones."""
    lines = [
        heading(f"a run with packages: asked -> first answer, {name}, the first run and the median of three later")
    ]
    for one in (*PYTHON, *NODE):
        with tempfile.TemporaryDirectory() as folder, _engine(name, folder) as engine:
            try:
                first, *later = (_first_answer(engine, parse_scenario(one.data)) / 1e6 for _ in range(4))
            except OurFailure as away:
                lines.append(f"  {one.what:<58} not measured: {away}")
                continue
        lines.append(f"  {one.what:<58} first {first:6.1f} s   kept {statistics.median(later):6.2f} s")
    return lines


def _engine(name: str, folder: str) -> Engine:
    return Engine(name, pool=False, dependencies=Dependencies(Store(Path(folder), 4096 * MB)))


def _scenario(code: str, requirements: str) -> Scenario:
    files = {"app.py": code, **({"requirements.txt": requirements} if requirements else {})}
    function = {"runtime": "python3.13", "handler": "app.handler", "files": files, "timeout_s": 10}
    return parse_scenario({"version": 2, "function": function, "steps": [{"invoke": {}}]})


def _first_answer(engine: Engine, scenario: Scenario) -> float:
    """Microseconds from asking for the run until its first answer.

    :raises OurFailure: it was none of the handler's.
    """
    answered: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event.record, RequestAnswered):
            answered.append(time.monotonic_ns())

    asked = time.monotonic_ns()
    result = engine.run(scenario, sink=note, options=RunOptions(prove=False))
    outcome = result.invocations[0].outcome
    if outcome != Outcome.SUCCESS:
        raise OurFailure(f"its answer was a {outcome.value}")
    return (answered[0] - asked) / 1000
