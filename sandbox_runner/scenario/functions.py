"""Finds which function each step refers to, and reports ambiguities. Pure."""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sandbox_runner.messages import say
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.contradictions import Contradiction
from sandbox_runner.scenario.model import InvokeStep, NamedFunction, requests_of
from sandbox_runner.scenario.service_settings import ServiceSettings
from sandbox_runner.scenario.service_steps import (
    DeployStep,
    IdleStep,
    InitializeStep,
    ProvisionStep,
    RecycleStep,
    ReserveStep,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.scenario.model import Scenario, Step

_SEVERAL_SINCE = 2
_Path = tuple[str | int, ...]


def written_functions(data: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every function in the data that is a mapping, with its path, before validation."""
    if isinstance(data.get("function"), dict):
        yield ("function",), data["function"]
    named = data.get("functions")
    for name, function in named.items() if isinstance(named, dict) else ():
        if isinstance(function, dict):
            yield ("functions", str(name)), function


def unclear_functions(scenario: Scenario) -> Iterator[Contradiction]:
    """Every place where it is unclear which function is meant, or whose settings they are."""
    yield from _version(scenario)
    yield from _names(scenario)
    yield from _settings(scenario)
    for index, step in enumerate(scenario.steps):
        for path, named in _named(step, index):
            yield from _step(scenario, path, named)


def _version(scenario: Scenario) -> Iterator[Contradiction]:
    if scenario.version >= _SEVERAL_SINCE:
        return
    if scenario.has_names:
        yield Contradiction(say("needs-version-2", field="functions"), ("functions",))
    if scenario.account is not None:
        yield Contradiction(say("needs-version-2", field="account"), ("account",))
    for index, step in enumerate(scenario.steps):
        if isinstance(step, CallStep):
            place: _Path = ("steps", index, "call")
            yield Contradiction(say("needs-version-2", field=_field(place)), place)
        for path, named in _named(step, index):
            if named is not None:
                yield Contradiction(say("needs-version-2", field=f"{_field(path)}.function"), path)


def _names(scenario: Scenario) -> Iterator[Contradiction]:
    for key, function in scenario.functions.items():
        if function.name != key:
            yield Contradiction(
                say("function-name-differs", field=f"functions.{key}.name", name=function.name, key=key),
                ("functions", key, "name"),
            )
        if (other := function.deployed_name) != function.name and other not in scenario.functions:
            yield _unknown(scenario, ("functions", key, "revision_of"), other)


def _settings(scenario: Scenario) -> Iterator[Contradiction]:
    """In a scenario with named functions, service settings belong to the function."""
    for each in fields(ServiceSettings) if scenario.has_names else ():
        value = getattr(scenario, each.name)
        if value != NamedFunction.model_fields[each.name].default:
            first = next(iter(scenario.functions))
            yield Contradiction(
                say(
                    "setting-of-functions",
                    field=each.name,
                    other=f"functions.{first}.{each.name}",
                    value=str(value),
                ),
                (each.name,),
            )


def _named(step: Step, index: int) -> Iterator[tuple[_Path, str | None]]:
    """The function that a step names, with its path."""
    match step:
        case InvokeStep(invoke=request):
            yield ("steps", index, "invoke"), request.function
        case InitializeStep() | RecycleStep() | ReserveStep() | ProvisionStep():
            yield ("steps", index), step.function
        case DeployStep():
            yield ("steps", index), step.deploy
        case IdleStep() | CallStep():
            return
        case _:
            yield from (
                (("steps", index, "concurrent", at), each.function) for at, each in enumerate(requests_of(step))
            )


def _step(scenario: Scenario, path: _Path, named: str | None) -> Iterator[Contradiction]:
    known = tuple(scenario.functions)
    step = scenario.steps[int(path[1])]
    if named is None and len(known) > 1 and not isinstance(step, RecycleStep):
        yield Contradiction(
            say("function-not-named", field=_field(path), count=len(known), first=known[0], known=list(known)),
            path,
        )
    if named is not None and named not in known:
        yield _unknown(scenario, (*path, "deploy" if isinstance(step, DeployStep) else "function"), named)


def _unknown(scenario: Scenario, path: _Path, named: str) -> Contradiction:
    known = list(scenario.functions)
    nearest = difflib.get_close_matches(named, known, n=1, cutoff=0.5)
    said = say(
        "function-unknown",
        field=_field(path),
        value=named,
        nearest=nearest[0] if nearest else "",
        count=len(known),
        known=known,
    )
    return Contradiction(said, path)


def _field(path: _Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
