"""Everything that a scenario has wrong, so that it can be mended in one go. Pure.

The emulator says what is wrong first. What it names is replaced by something that is right, and it is asked again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from playground.editor.settings import BY_NAME
from sandbox_runner.errors import ScenarioError
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

# A person mends that many at a time, and a scenario may have 24 MB to be read each time.
PROBLEMS_MAX: Final = 12
_ROW: Final = re.compile(r"(steps|peers)\[(\d+)\]")
_RIGHT: Final = {
    "runtime": registry.DEFAULT.identifier,
    "handler": registry.DEFAULT.language.default_handler,
    "files": {registry.DEFAULT.language.default_file: "0"},
    "environment": {},
}
_REQUEST: Final = {"invoke": {"payload": None}}


def problems(mapping: dict[str, Any]) -> Iterator[ScenarioError]:
    """Every problem of a scenario of one function, one after the other, at most :data:`PROBLEMS_MAX`."""
    left: dict[str, Any] | None = mapping
    for _ in range(PROBLEMS_MAX):
        try:
            parse_scenario(left)
        except ScenarioError as error:
            yield error
            left = _without(left, error.field) if left is not None else None
        if left is None or left is mapping:
            return
        mapping = left


def _without(mapping: dict[str, Any], field: str) -> dict[str, Any] | None:
    """The scenario with something right at ``field``; nothing where that is not known."""
    if row := _ROW.match(field):
        right = _REQUEST if row[1] == "steps" else {"name": f"mended-{row[2]}"}
        rows = mapping[row[1]]
        return mapping | {row[1]: [right if at == int(row[2]) else each for at, each in enumerate(rows)]}
    name, _, inside = field.removeprefix("function.").partition(".")
    if name == "environment" and inside in mapping["function"].get(name, {}):
        return _without_variable(mapping, inside)
    function = {key: value for key, value in mapping["function"].items() if key != name}
    if name in _RIGHT or name in mapping["function"]:
        mended = {each: value for each, value in _RIGHT.items() if each == name}
        return mapping | {"function": function | mended}
    if field == "steps":
        return mapping | {"steps": [_REQUEST]}
    if (name in BY_NAME or name == "account") and name in mapping:
        return {key: value for key, value in mapping.items() if key != name}
    return None


def _without_variable(mapping: dict[str, Any], variable: str) -> dict[str, Any]:
    function = mapping["function"]
    kept = {name: value for name, value in function["environment"].items() if name != variable}
    return mapping | {"function": function | {"environment": kept}}
