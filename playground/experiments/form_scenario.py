"""From a form to the scenario it means, and back. Pure.

What only the form knows (rows, lines, texts that should be numbers) is checked here, every field at once. What a
scenario may be is the emulator's to say; its sentence is put beside the field that it is about.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.forms import KINDS, FileRow, FormState, StepRow
from playground.experiments.json_text import JsonTextError, read_json
from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario import IdleStep, InvokeStep
from sandbox_runner.scenario_text import parse_scenario, read_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.scenario import Scenario, Step

_PLAIN_FIELDS: Final = ("runtime", "handler", "memory_mb", "timeout_s", "environment")

_WORDS: Final = {
    "runtime": "The runtime",
    "handler": "The handler",
    "memory_mb": "Memory",
    "timeout_s": "The timeout",
    "environment": "The environment",
}
_PARTS_OF_STEPS: Final = {
    "": "Step",
    "payload": "The payload of step",
    "as": "The caller of step",
    "idle": "The wait of step",
}


class FormError(Exception):
    """The form means no scenario. ``errors`` maps each field to its sentence, as :class:`FormState` has it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def scenario_of(state: FormState) -> Scenario:
    """The scenario that the form means.

    :raises FormError: it means none; every field that needs mending has its sentence.
    """
    if state.scenario_text.strip():
        return _pasted(state.scenario_text)
    errors: dict[str, str] = {}
    written, rows = _mapping(state, errors)
    if errors:
        raise FormError(errors)
    try:
        return parse_scenario(written)
    except ScenarioError as error:
        raise FormError({_form_field(error.field, state, rows): _in_words(error, rows)}) from None


def form_of(scenario: Scenario, *, parent: str = "") -> FormState:
    """The form that means ``scenario``; what the form has no field for is written as a pasted scenario."""
    function = scenario.function
    state = FormState(
        runtime=function.runtime,
        handler=function.handler,
        memory_mb=str(function.memory_mb),
        timeout_s=str(function.timeout_s),
        environment="\n".join(f"{name}={value}" for name, value in function.environment.items()),
        files=tuple(FileRow(name, text) for name, text in function.files.items()),
        steps=tuple(_row(step) for step in scenario.steps),
        parent=parent,
    )
    if _says_the_same(state, scenario):
        return state
    return FormState(scenario_text=json.dumps(scenario.to_json(), indent=2), parent=parent)


def _says_the_same(state: FormState, scenario: Scenario) -> bool:
    try:
        return scenario_of(state) == scenario
    except FormError:
        return False


def _pasted(text: str) -> Scenario:
    try:
        return read_scenario(text)
    except ScenarioError as error:
        raise FormError({"scenario": str(error)}) from None


def _mapping(state: FormState, errors: dict[str, str]) -> tuple[dict[str, Any], list[int]]:
    """The scenario as a mapping, and for each of its steps the number of its row. Adds to ``errors``."""
    rows = [number for number, row in enumerate(state.steps, 1) if row.kind]
    function = {
        "runtime": state.runtime,
        "handler": state.handler,
        "memory_mb": _whole(state.memory_mb, "memory_mb", "Memory", "MB", errors),
        "timeout_s": _whole(state.timeout_s, "timeout_s", "Timeout", "seconds", errors),
        "environment": _environment(state.environment, errors),
        "files": _files(state, errors),
    }
    if not state.handler:
        errors["handler"] = "The handler is missing; name it as file and function, like app.handler."
    if not rows:
        errors["steps"] = "There are no steps; add at least one request."
    steps = [_step(number, state.steps[number - 1], errors) for number in rows[: limits.STEPS_MAX + 1]]
    return {"function": function, "steps": steps}, rows


def _whole(text: str, field: str, what: str, unit: str, errors: dict[str, str]) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    errors[field] = f"{what} is {text[:40]!r}; write a whole number of {unit}."
    return 0


def _environment(text: str, errors: dict[str, str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals:
            errors["environment"] = f"Line {number} of the environment has no “=”; write NAME=value."
        elif name.strip() in variables:
            errors["environment"] = f"Line {number} of the environment sets {name.strip()} a second time; keep one."
        variables[name.strip()] = value
    return variables


def _files(state: FormState, errors: dict[str, str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for number, row in enumerate(state.files, 1):
        if not row.name and not row.text.strip():
            continue
        if not row.name:
            errors[f"file-{number}"] = f"File {number} has no name; give it one, like app.py."
        elif row.name in files:
            errors[f"file-{number}"] = f"Two files are named {row.name}; rename one."
        elif (size := len(row.text.encode("utf-8", "surrogatepass"))) > limits.FILE_BYTES_MAX:
            errors[f"file-{number}"] = (
                f"{row.name} has {size:,} bytes; at most {limits.FILE_BYTES_MAX:,} (256 KB) can be played."
            )
        files[row.name] = row.text
    if not any(text.strip() for text in files.values()):
        errors["files"] = "There is no code yet; paste a handler."
    return files


def _step(number: int, row: StepRow, errors: dict[str, str]) -> dict[str, Any]:
    if row.kind == "idle":
        return {"idle": row.idle}
    if row.kind == "recycle":
        return {"recycle": "all"}
    if row.kind not in KINDS:
        errors[f"step-{number}"] = f"Step {number} is of the kind {row.kind[:40]!r}; choose one of {', '.join(KINDS)}."
        return {}
    request = {"payload": _payload(number, row.payload, errors)}
    return {"invoke": request | ({"as": row.principal} if row.principal else {})}


def _payload(number: int, text: str, errors: dict[str, str]) -> Any:
    size = len(text.encode("utf-8", "surrogatepass"))
    if not text.strip():
        errors[f"step-{number}"] = f"Step {number} has no payload; write JSON, {{}} for an empty one."
    elif size > limits.REQUEST_BYTES_MAX:
        errors[f"step-{number}"] = (
            f"The payload of step {number} has {size:,} bytes; Lambda takes at most {limits.REQUEST_BYTES_MAX:,}."
        )
    else:
        try:
            return read_json(text)
        except JsonTextError as error:
            errors[f"step-{number}"] = f"The payload of step {number} {error}."
    return None


def _form_field(field: str, state: FormState, rows: list[int]) -> str:
    """The form's name for a scenario's dotted field."""
    if found := re.match(r"steps\[(\d+)\]", field):
        at = int(found[1])
        return f"step-{rows[at]}" if at < len(rows) else "steps"
    if field.startswith("steps"):
        return "steps"
    if field.startswith("function.files"):
        named = [n for n, row in enumerate(state.files, 1) if row.name and row.name in field]
        return f"file-{named[0]}" if len(named) == 1 else "files"
    return next((name for name in _PLAIN_FIELDS if field.startswith(f"function.{name}")), "form")


def _in_words(error: ScenarioError, rows: list[int]) -> str:
    """The emulator's sentence with the form's words for the field that it begins with."""
    if not error.problem.startswith(error.field) or not error.field:
        return error.problem
    rest = error.problem.removeprefix(error.field)
    if found := re.fullmatch(r"steps\[(\d+)\](?:\.(?:invoke\.)?(payload|as|idle))?", error.field):
        what = _PARTS_OF_STEPS[found[2] or ""]
        return f"{what} {rows[int(found[1])]}{rest}"
    name = error.field.removeprefix("function.").split(".")[0]
    if name == "files":
        return rest.removeprefix(": ").capitalize() if rest.startswith(": ") else error.problem
    return f"{_WORDS.get(name, error.field)}{rest}"


def _row(step: Step) -> StepRow:
    if isinstance(step, InvokeStep):
        return StepRow("invoke", step.invoke.principal or "", json.dumps(step.invoke.payload, ensure_ascii=False))
    if isinstance(step, IdleStep):
        return StepRow("idle", idle=f"{step.idle!r}s".replace(".0s", "s"))
    return StepRow("recycle")
