"""Calls of a state machine's to services, made as botocore makes them and answered by the same account."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import botocore.exceptions

from .problems import RUNTIME, StateError
from .tasks import Called

if TYPE_CHECKING:
    from collections.abc import Callable

    # A client of a service, and what its last call was answered: status and headers, and the body.
    Clients = Callable[[str], Any]
    Last = list[tuple[dict[str, Any], bytes]]


def caller(client_of: Clients, last: Last, pushed: Callable[[], bytes]) -> Callable[[str, str, dict[str, Any]], Called]:
    """Makes calls by the names that state machines have for them.

    :param pushed: what services sent to functions since it was last asked, as JSON.
    """

    def call(service: str, operation: str, parameters: dict[str, Any]) -> Called:
        came = answered(service, operation, parameters)
        came.pushed = json.loads(pushed() or b"[]")
        return came

    def answered(service: str, operation: str, parameters: dict[str, Any]) -> Called:
        try:
            client = client_of(service)
        except botocore.exceptions.BotoCoreError:
            return _failed(StateError(RUNTIME, f"there is no service {service}"))
        model = client.meta.service_model
        name = operation[:1].upper() + operation[1:]
        if name not in model.operation_names:
            return _failed(StateError(RUNTIME, f"{service} has no operation {name}"))
        shape = model.operation_model(name).input_shape
        last.clear()
        try:
            came = client._make_api_call(name, _named(parameters, shape))  # noqa: SLF001 - the call by its API name
        except botocore.exceptions.ClientError as problem:
            return _failed(_error(model.service_id, problem), last)
        except botocore.exceptions.BotoCoreError as problem:
            return _failed(StateError(RUNTIME, str(problem)[:500]), last)
        came.pop("ResponseMetadata", None)
        status, answer = (int(last[0][0]["status"]), last[0][1]) if last else (200, b"")
        return Called(status, answer, {key[:1].upper() + key[1:]: _plain(each) for key, each in came.items()})

    return call


def _named(parameters: dict[str, Any], shape: Any) -> dict[str, Any]:
    """With the service's own spelling: state machines write every name with a large first letter."""
    own = {name.lower(): name for name in (shape.members if shape is not None else ())}
    return {own.get(name.lower(), name): each for name, each in parameters.items()}


def _error(service: str, problem: botocore.exceptions.ClientError) -> StateError:
    code = str(problem.response.get("Error", {}).get("Code", "")) or "Unknown"
    said = str(problem.response.get("Error", {}).get("Message", ""))
    name = code if code.endswith("Exception") else f"{code}Exception"
    return StateError(f"{service.replace(' ', '')}.{name}", said[:1_000])


def _failed(error: StateError, last: Last | None = None) -> Called:
    status, answer = (int(last[0][0]["status"]), last[0][1]) if last else (400, error.cause.encode())
    return Called(status, answer, {}, error)


def _plain(value: Any) -> Any:
    """A value of botocore's as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.loads(json.dumps(value, default=str))
