"""A state machine's definition: read, refused with Step Functions' codes, and drawn as nodes and edges."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import choices, paths, templates
from .problems import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 1 MB; the two others are Holdover's own.
BYTES_MAX = 1_048_576
STATES_MAX = 200
DEPTH_MAX = 8
_REASONS_MAX = 10
# What the host draws.
_EDGES_MAX = 2_000
_NAME_MAX = 80

_TYPES = frozenset({"Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"})
_GOES_ON = frozenset({"Task", "Pass", "Wait", "Parallel", "Map"})
_NOT_PLAYED = ("Assign", "Arguments", "Output", "ItemReader", "ItemBatcher", "ResultWriter")
_WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_PATHS = ("InputPath", "OutputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath")
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")
_RESOURCE = re.compile(
    r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+"
    r"|arn:aws:states:::(?:aws-sdk:)?[a-z0-9-]+:[A-Za-z]+(?:\.waitForTaskToken|\.sync(?::2)?)?"
)

Machine = dict[str, Any]


def read(text: str) -> Machine:
    """A definition.

    :raises DefinitionError: it is none, or none that is played; the text says why.
    """
    if len(text.encode("utf-8", "replace")) > BYTES_MAX:
        raise DefinitionError(f"SCHEMA_VALIDATION_FAILED: more than {BYTES_MAX} bytes")
    try:
        machine = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DefinitionError(f"INVALID_JSON_DESCRIPTION: {str(problem)[:200]}") from None
    reasons = list(_first(_of_machine(machine, "", 0)))
    if not reasons:
        names = Counter(name for name, _, _ in every_state(machine))
        reasons = [f"DUPLICATE_STATE_NAME: {name[:_NAME_MAX]}" for name, often in names.items() if often > 1]
        if len(names) > STATES_MAX:
            reasons.append(f"HOLDOVER: it plays {STATES_MAX} states of one machine, and these are {len(names)}")
    if reasons:
        raise DefinitionError(", ".join(reasons[:_REASONS_MAX]))
    found: Machine = machine
    return found


def every_state(machine: Machine, parent: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each state with its name and that of the state that it is inside of."""
    for name, state in machine["States"].items():
        yield name, state, parent
        for inner in machines_in(state):
            yield from every_state(inner, name)


def machines_in(state: dict[str, Any]) -> list[Machine]:
    """What a Parallel or a Map state has inside."""
    if state["Type"] == "Parallel":
        return list(state["Branches"])
    return [state.get("ItemProcessor") or state["Iterator"]] if state["Type"] == "Map" else []


def graph(machine: Machine) -> dict[str, Any]:
    """What is drawn: states in their order, and the ways between them."""
    states = [
        {"name": name, "type": state["Type"], "inside": parent, "says": _said(state)}
        for name, state, parent in every_state(machine)
    ]
    edges = [edge for name, state, _ in every_state(machine) for edge in _edges(name, state)]
    starts = [
        machine["StartAt"],
        *(each["StartAt"] for _, state, _ in every_state(machine) for each in machines_in(state)),
    ]
    return {"states": states, "edges": edges[:_EDGES_MAX], "starts": starts}


def _said(state: dict[str, Any]) -> str:
    """What a Task state calls."""
    if state["Type"] != "Task":
        return ""
    resource = str(state["Resource"])
    if ":function:" in resource:
        return resource.partition(":function:")[2]
    parameters = state.get("Parameters") or {}
    name = str(parameters.get("FunctionName", "")).rpartition(":function:")[2]
    return (name or resource.removeprefix("arn:aws:states:::").removeprefix("aws-sdk:"))[:_NAME_MAX]


def _edges(name: str, state: dict[str, Any]) -> Iterator[dict[str, str]]:
    if following := state.get("Next"):
        yield {"of": name, "to": following, "kind": "next"}
    for rule in state.get("Choices", ()):
        yield {"of": name, "to": rule["Next"], "kind": "choice"}
    if default := state.get("Default"):
        yield {"of": name, "to": default, "kind": "default"}
    for catcher in state.get("Catch", ()):
        yield {"of": name, "to": catcher["Next"], "kind": "catch"}


# --- what is refused ----------------------------------------------------------------------------------------------


def _first(reasons: Iterator[str]) -> Iterator[str]:
    """As many as are told, whatever is of another type than it may be."""
    try:
        for _, reason in zip(range(_REASONS_MAX), reasons, strict=False):
            yield reason
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError):
        yield "SCHEMA_VALIDATION_FAILED: a field has a value of another type"


def _of_machine(machine: Any, at: str, depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        yield f"HOLDOVER: it plays states in states {DEPTH_MAX} deep, and {at} is deeper"
        return
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict) or not machine["States"]:
        yield f"SCHEMA_VALIDATION_FAILED: States is missing or empty at {at or '/'}"
        return
    states = machine["States"]
    if not isinstance(machine.get("TimeoutSeconds", 1), int):
        yield f"SCHEMA_VALIDATION_FAILED: TimeoutSeconds is no whole number at {at or '/'}"
    if machine.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield _other_language(at or "/")
    if machine.get("StartAt") not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {machine.get('StartAt')} at {at}/StartAt"
    for name, state in states.items():
        place = f"{at}/States/{name}"
        if not isinstance(state, dict) or state.get("Type") not in _TYPES:
            yield f"SCHEMA_VALIDATION_FAILED: Type is none of {', '.join(sorted(_TYPES))} at {place}"
        elif not name or len(name) > _NAME_MAX:
            yield f"SCHEMA_VALIDATION_FAILED: a name has 1 to {_NAME_MAX} characters at {place[:200]}"
        else:
            yield from _of_state(state, states, place, depth)


def _other_language(at: str) -> str:
    said = "it plays JSONPath and not JSONata; set QueryLanguage to JSONPath, and write Parameters, ResultSelector and"
    return f"HOLDOVER: {said} ResultPath in place of Arguments, Output and Assign, at {at}"


def _of_state(state: dict[str, Any], states: dict[str, Any], at: str, depth: int) -> Iterator[str]:
    kind = state["Type"]
    for field in _NOT_PLAYED:
        if field in state:
            yield f"HOLDOVER: it does not play {field}, at {at}"
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield _other_language(at)
    yield from _of_way(state, states, at)
    yield from _of_data(state, at)
    if kind in {"Parallel", "Map"}:
        yield from _of_inner(state, at, depth)
    if kind == "Task" and not _RESOURCE.fullmatch(str(state.get("Resource", ""))):
        yield f"INVALID_RESOURCE: no resource of Lambda or of a service at {at}/Resource"
    if kind == "Wait" and sum(field in state for field in _WAITS) != 1:
        yield f"SCHEMA_VALIDATION_FAILED: Wait has exactly one of {', '.join(_WAITS)} at {at}"
    if kind == "Choice":
        yield from _of_choices(state, at)


def _of_inner(state: dict[str, Any], at: str, depth: int) -> Iterator[str]:
    if state["Type"] == "Parallel" and not state.get("Branches"):
        yield f"SCHEMA_VALIDATION_FAILED: Branches is missing or empty at {at}"
    elif state["Type"] == "Map" and not (state.get("ItemProcessor") or state.get("Iterator")):
        yield f"SCHEMA_VALIDATION_FAILED: ItemProcessor is missing at {at}"
    else:
        for number, inner in enumerate(machines_in(state)):
            yield from _of_machine(inner, f"{at}/{number}", depth + 1)


def _of_way(state: dict[str, Any], states: dict[str, Any], at: str) -> Iterator[str]:
    if state["Type"] in _GOES_ON and ("Next" in state) == (state.get("End") is True):
        yield f"SCHEMA_VALIDATION_FAILED: it has either Next or End at {at}"
    for edge in _edges("", state):
        if edge["to"] not in states:
            yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {edge['to']} at {at}"
    for field in ("Retry", "Catch"):
        for each in state.get(field, ()):
            if not each.get("ErrorEquals") or not all(isinstance(name, str) for name in each["ErrorEquals"]):
                yield f"SCHEMA_VALIDATION_FAILED: ErrorEquals is missing or empty at {at}/{field}"
            if each.get("BackoffRate", 1) < 1 or each.get("IntervalSeconds", 1) < 1 or each.get("MaxAttempts", 0) < 0:
                yield f"SCHEMA_VALIDATION_FAILED: a number is too small at {at}/{field}"


def _of_choices(state: dict[str, Any], at: str) -> Iterator[str]:
    if not state.get("Choices"):
        yield f"SCHEMA_VALIDATION_FAILED: Choices is missing or empty at {at}"
    for number, rule in enumerate(state.get("Choices", ())):
        yield from _of_rule(rule, f"{at}/Choices[{number}]")


def _of_rule(rule: dict[str, Any], at: str) -> Iterator[str]:
    names = choices.operators_of(rule)
    if len(names) != 1:
        yield f"SCHEMA_VALIDATION_FAILED: a rule compares by exactly one operator at {at}"
    elif names[0] in {"And", "Or"}:
        for number, each in enumerate(rule[names[0]]):
            yield from _of_rule(each, f"{at}/{names[0]}[{number}]")
    elif names[0] == "Not":
        yield from _of_rule(rule["Not"], f"{at}/Not")
    else:
        variable = str(rule.get("Variable", ""))
        yield from _path_problem(
            variable.removeprefix("$") if variable.startswith("$$") else variable, f"{at}/Variable"
        )


def _of_data(state: dict[str, Any], at: str) -> Iterator[str]:
    for field in _PATHS:
        if state.get(field) is not None:
            path = str(state[field])
            yield from _path_problem(path.removeprefix("$") if path.startswith("$$") else path, f"{at}/{field}")
    results = [(at, state), *((f"{at}/Catch", each) for each in state.get("Catch", ()))]
    for place, each in results:
        if each.get("ResultPath") is not None:
            try:
                paths.check_reference(str(each["ResultPath"]))
            except DefinitionError as problem:
                yield f"{problem} at {place}/ResultPath"
    for field in _TEMPLATES:
        for key, expression in templates.expressions(state.get(field)):
            try:
                templates.read(str(expression))
            except DefinitionError as problem:
                yield f"{problem} at {at}/{field}/{key[:_NAME_MAX]}"


def _path_problem(path: str, at: str) -> Iterator[str]:
    try:
        paths.parts_of(path)
    except DefinitionError as problem:
        yield f"{problem} at {at}"
