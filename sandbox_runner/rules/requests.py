"""The requests of a run: those of its scenario, those of its functions, and those of the service itself. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from sandbox_runner import limits
from sandbox_runner.events.records import RequestArrived
from sandbox_runner.scenario.model import ConcurrentStep, requests_of
from sandbox_runner.scenario.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario


def every_request(
    scenario: Scenario, events: Iterable[Event], *, whole: bool = False
) -> Iterator[tuple[int, str, Request]]:
    """Each with its index and its principal, as :meth:`.Scenario.requests` has them.

    A request that a function or the service made has the principal of the one that led to it, and a number after those
    of the scenario. One whose payload is not in the log as a whole has ``payload_bytes`` in its place.

    :param whole: leave such requests out.
    """
    known: dict[int, tuple[str, Request]] = {}
    for index, principal, request in scenario.requests():
        known[index] = principal, request
        yield index, principal, request
    for event in events:
        record = event.record
        if isinstance(record, RequestArrived) and not record.is_of_scenario:
            request = recorded_request(record, _made_for(record, known))
            known[record.index] = record.principal, request
            if not whole or request.payload_bytes is None:
                yield record.index, record.principal, request


def at_once(scenario: Scenario) -> dict[int, int]:
    """The step of each request that others of its step may overlap, as its function's environments serve several."""
    found: dict[int, int] = {}
    index = 0
    for number, step in enumerate(scenario.steps):
        for request in requests_of(step):
            index += 1
            settings = scenario.settings_of(scenario.name_of(request.function))
            if isinstance(step, ConcurrentStep) and (settings.concurrency_per_environment or 1) > 1:
                found[index] = number
    return found


def _made_for(record: RequestArrived, known: Mapping[int, tuple[str, Request]]) -> str | None:
    """The principal that somebody named; none where each request has its own."""
    led_by = known.get(record.cause.request if record.cause else record.called_by or 0)
    if led_by is not None and led_by[0] == record.principal:
        return led_by[1].principal
    is_its_own = record.principal == f"request-{record.index}"
    return None if is_its_own or record.cause is None else record.principal


def recorded_request(record: RequestArrived, principal: str | None) -> Request:
    """The request of a record; where its payload is not there as a whole, ``payload_bytes`` says how large it was."""
    fields = {
        "type": record.invocation_type,
        "function": record.function,
        "as": principal,
        "client_context": record.client_context,
        "fault": record.fault,
    }
    try:
        return Request.model_validate({**fields, "payload": json.loads(record.payload)})
    except (ValueError, RecursionError, ValidationError):
        size = min(max(record.payload_bytes, 2), limits.MADE_PAYLOAD_BYTES_MAX)
        return Request.model_validate({**fields, "payload_bytes": size})
