"""Scenarios whose functions change: each code and configuration is a function of its own. Pure."""

from __future__ import annotations

from dataclasses import fields
from itertools import count
from typing import TYPE_CHECKING

from sandbox_runner.scenario.model import NamedFunction, Scenario
from sandbox_runner.scenario.service_settings import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import Collection

_NAME_CHARACTERS_MAX = 64


def with_names(scenario: Scenario) -> Scenario:
    """The same scenario with its function among named ones."""
    function = scenario.function
    if function is None:
        return scenario
    settings = {each.name: getattr(scenario, each.name) for each in fields(ServiceSettings)}
    installs = scenario.dependencies_of(function)
    named = NamedFunction.model_validate({**function.model_dump(), **settings, "dependencies": installs})
    unset = {name: Scenario.model_fields[name].default for name in settings}
    changed = {"version": 2, "function": None, "written_functions": {named.name: named}}
    return scenario.model_copy(update={**unset, **changed})


def with_revision(scenario: Scenario, revision: NamedFunction) -> Scenario:
    """The scenario with a revision of one of its functions."""
    named = with_names(scenario)
    functions = {**(named.written_functions or {}), revision.name: revision}
    return named.model_copy(update={"written_functions": functions})


def revision_name(name: str, taken: Collection[str]) -> str:
    """What the next revision of a function is called."""
    numbered = (f"{name[: _NAME_CHARACTERS_MAX - len(f'-{each}')]}-{each}" for each in count(2))
    return next(each for each in numbered if each not in taken)
