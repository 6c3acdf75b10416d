"""Puts a payload in the place of each request's ``event``. Pure.

A scenario has what an event means, and remembers how it was written: a template that is mended later changes no
scenario that was read before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from sandbox_runner.event_templates import NAMES, TEMPLATES, Caller, made
from sandbox_runner.messages import say
from sandbox_runner.scenario.problem import Problem, known_keys, nearest_of, payload_problem
from sandbox_runner.scenario.validation_messages import field_name, said_of
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENT: Final = "event"
_TEMPLATE: Final = "template"
_MADE_FROM: Final = "made_from"
_SINCE: Final = 2
_Path = tuple[str | int, ...]


def written_requests(step: Any, index: int) -> Iterator[tuple[_Path, dict[str, Any]]]:
    """The requests of a step that are mappings, each with its path."""
    yield from ((path, each) for path, each in _all_requests(step, index) if isinstance(each, dict))


def with_event_payloads(data: dict[str, Any]) -> dict[str, Any]:
    """The scenario's data with a payload for each ``event``.

    :raises Problem: an event means no payload.
    """
    steps = data.get("steps")
    if not isinstance(steps, list):
        return data
    requests = (each for index, step in enumerate(steps) for each in _all_requests(step, index))
    payloads = {
        path: _resolved(request, path, number, data.get("version", 1))
        for number, (path, request) in enumerate(requests, 1)
        if isinstance(request, dict) and EVENT in request
    }
    return {**data, "steps": [_with_payloads(step, index, payloads) for index, step in enumerate(steps)]}


def _all_requests(step: Any, index: int) -> Iterator[tuple[_Path, Any]]:
    if not isinstance(step, dict):
        return
    if "invoke" in step:
        yield ("steps", index, "invoke"), step["invoke"]
    together = step.get("concurrent")
    for number, request in enumerate(together if isinstance(together, list) else []):
        yield ("steps", index, "concurrent", number), request


def _with_payloads(step: Any, index: int, payloads: dict[_Path, dict[str, Any]]) -> Any:
    replaced = {path[2:]: payloads[path] for path, _ in _all_requests(step, index) if path in payloads}
    if not replaced:
        return step
    if ("invoke",) in replaced:
        return {**step, "invoke": replaced["invoke",]}
    together = [replaced.get(("concurrent", number), each) for number, each in enumerate(step["concurrent"])]
    return {**step, "concurrent": together}


def _resolved(request: dict[str, Any], path: _Path, number: int, version: Any) -> dict[str, Any]:
    at = (*path, EVENT)
    field, event = field_name(at), request[EVENT]
    if version == 1:
        raise Problem(say("needs-version-2", field=field), *at)
    for other in ("payload", "payload_bytes", _MADE_FROM):
        if request.get(other) is not None:
            raise Problem(say("event-and-payload", field=field, other=field_name((*path, other))), *at)
    if not isinstance(event, dict):
        raise Problem(say("not-mapping", field=field), *at)
    problem = payload_problem(event, request.get("type"), field)
    if problem:
        raise Problem(problem, *at)
    _check_parts(event, at)
    principal = request.get("as")
    caller = Caller(principal if isinstance(principal, str) and principal else f"request-{number}", number)
    try:
        payload = made(event, caller)
    except ValidationError as failed:
        first = failed.errors(include_url=False)[0]
        place = (*at, *_written_part(first["loc"], event))
        raise Problem(said_of(first, place), *place) from None
    rest = {key: value for key, value in request.items() if key != EVENT}
    parts = {key: value for key, value in event.items() if key != _TEMPLATE}
    return {**rest, "payload": payload, _MADE_FROM: {_TEMPLATE: event[_TEMPLATE], "parts": parts}}


def _check_parts(event: dict[Any, Any], at: _Path) -> None:
    name, field = event.get(_TEMPLATE), field_name((*at, _TEMPLATE))
    if name is None:
        raise Problem(say("event-template-missing", field=field, known=NAMES), *at)
    if not isinstance(name, str) or name not in TEMPLATES:
        nearest = nearest_of(str(name), NAMES)
        said = say("event-template-unknown", field=field, value=shown(str(name)), nearest=nearest, known=NAMES)
        raise Problem(said, *at, _TEMPLATE)
    known_keys(event, at, (_TEMPLATE, *TEMPLATES[name].parts.model_fields))


def _written_part(location: _Path, event: Any) -> _Path:
    """The part of an error's location that is in the data: a union adds what it tried."""
    for count, part in enumerate(location):
        try:
            event = event[part]
        except (KeyError, TypeError, IndexError):
            return location[:count]
    return location
