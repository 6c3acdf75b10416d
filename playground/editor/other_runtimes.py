"""The same scenario on another runtime of its language. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Function, Scenario


def other_runtimes(scenario: Scenario) -> tuple[str, ...]:
    """The runtimes with an interpreter here that could play it as well, but for the one that does.

    There is none where its functions speak several languages.
    """
    languages = {registry.runtime_of(each).language.key for each in scenario.interpreters}
    return tuple(
        each.identifier
        for each in registry.RUNTIMES
        if {each.language.key} == languages and (each.identifier,) != scenario.interpreters
    )


def on_runtime(scenario: Scenario, runtime: str) -> Scenario:
    """The same scenario, each of its functions on that runtime.

    :raises KeyError: it cannot be played there.
    """
    if runtime not in other_runtimes(scenario):
        raise KeyError(runtime)
    if scenario.function is not None:
        return scenario.model_copy(update={"function": _on(scenario.function, runtime)})
    written = {name: _on(each, runtime) for name, each in (scenario.written_functions or {}).items()}
    return scenario.model_copy(update={"written_functions": written})


def _on(function: Function, runtime: str) -> Function:
    return function.model_copy(update={"runtime": runtime})
