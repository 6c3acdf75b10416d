"""Holdover's emulator of the AWS Lambda execution environment: a library and a command line.

The public names are these::

    from sandbox_runner import run_scenario, read_scenario

    result = run_scenario(read_scenario(text))
    print(result.verdict_sentence)

Each is loaded on first use, so that importing the scenario model does not load an engine's client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox_runner.errors import HoldoverError, OurFailure, RunCancelled, ScenarioError
    from sandbox_runner.results.model import RunResult, Verdict
    from sandbox_runner.run.engine import Engine, run_scenario
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.reader import parse_scenario, read_scenario

__all__ = [
    "Engine",
    "HoldoverError",
    "OurFailure",
    "RunCancelled",
    "RunResult",
    "Scenario",
    "ScenarioError",
    "Verdict",
    "parse_scenario",
    "read_scenario",
    "run_scenario",
]

_HOMES: Final = {
    "Engine": "run.engine",
    "HoldoverError": "errors",
    "OurFailure": "errors",
    "RunCancelled": "errors",
    "RunResult": "results.model",
    "Scenario": "scenario.model",
    "ScenarioError": "errors",
    "Verdict": "results.model",
    "parse_scenario": "scenario.reader",
    "read_scenario": "scenario.reader",
    "run_scenario": "run.engine",
}


def __getattr__(name: str) -> object:
    """A public name, from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
