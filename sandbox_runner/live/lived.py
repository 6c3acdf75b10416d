"""The scenario of what really came to a session: its requests as steps, with the waits between them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from sandbox_runner import limits
from sandbox_runner.events.records import (
    RequestAnswered,
    RequestArrived,
    RequestRefused,
    RequestThrottled,
    SessionOpened,
    SessionRevised,
    SessionStepped,
)
from sandbox_runner.rules.requests import recorded_request
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep, NamedFunction
from sandbox_runner.scenario.revisions import with_revision
from sandbox_runner.scenario.service_steps import IdleStep, InitializeStep, ProvisionStep, ReserveStep, ServiceStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario, Step
    from sandbox_runner.scenario.request import Request

# A shorter wait shows nothing that a freeze without one does not.
WAIT_S_MIN: Final = 1.0
_STEP: Final[TypeAdapter[ServiceStep]] = TypeAdapter(ServiceStep)


@dataclass(frozen=True, slots=True)
class _Came:
    """A request, or a step that no request is, which was over when it was recorded."""

    index: int
    arrived_us: int
    ended_us: int
    step: Step | None = None


def is_session(events: Iterable[Event]) -> bool:
    """Whether the requests of these events came from outside."""
    return any(isinstance(event.record, SessionOpened) for event in events)


def lived_scenario(scenario: Scenario, events: Sequence[Event], sent: Mapping[int, Request] | None = None) -> Scenario:
    """``scenario`` with the requests of ``events`` as its steps.

    Requests that overlapped are one concurrent step; what else was done is a step of its own.

    :param sent: the requests by index; where there is none, what the log has of it.
    """
    recorded = {
        event.record.index: recorded_request(event.record, _own_name(event.record))
        for event in events
        if isinstance(event.record, RequestArrived) and event.record.is_of_scenario
    }
    for event in events:
        if isinstance(event.record, SessionRevised):
            scenario = with_revision(scenario, NamedFunction.model_validate(event.record.function))
    first = scenario.recorded(scenario.name_of(None))
    requests = {index: _of_function(each, first) for index, each in {**recorded, **(sent or {})}.items()}
    steps: list[Step] = []
    before_us: int | None = None
    for together in _groups(_came(events)):
        waited_s = 0.0 if before_us is None else (together[0].arrived_us - before_us) / 1_000_000
        if waited_s >= WAIT_S_MIN and together[0].step is None:
            steps.append(IdleStep(idle=min(round(waited_s, 1), limits.IDLE_S_MAX)))
        done = together[0].step
        steps.append(_step_of_function(done, first) if done else _step([requests[each.index] for each in together]))
        before_us = max(each.ended_us for each in together)
    return scenario.model_copy(update={"steps": tuple(steps)})


def _of_function(request: Request, first: str | None) -> Request:
    """The same, of the first function where it names none and functions have names."""
    return request if request.function or first is None else request.model_copy(update={"function": first})


def _step_of_function(step: Step, first: str | None) -> Step:
    is_of_one = isinstance(step, InitializeStep | ReserveStep | ProvisionStep) and step.function is None
    return step.model_copy(update={"function": first}) if is_of_one and first is not None else step


def _own_name(record: RequestArrived) -> str | None:
    """The caller's name; a request without one has one made of its number."""
    return None if record.principal == f"request-{record.index}" else record.principal


def _step(requests: Sequence[Request]) -> Step:
    return InvokeStep(invoke=requests[0]) if len(requests) == 1 else ConcurrentStep(concurrent=tuple(requests))


def _came(events: Sequence[Event]) -> list[_Came]:
    """The requests in the order they arrived, which is that of their indexes."""
    until_us = max((event.at_us for event in events), default=0)
    ended = {
        event.record.index: event.at_us
        for event in events
        if isinstance(event.record, RequestAnswered | RequestThrottled | RequestRefused)
    }
    came = []
    for event in events:
        if isinstance(event.record, RequestArrived) and event.record.is_of_scenario:
            came.append(_Came(event.record.index, event.at_us, _ended_us(event, ended, until_us)))
        elif isinstance(event.record, SessionStepped):
            came.append(_Came(0, event.at_us, event.at_us, _STEP.validate_python(event.record.step)))
    return came


def _ended_us(event: Event, ended: Mapping[int, int], until_us: int) -> int:
    """When its caller had an answer: of an asynchronous one, at once."""
    record = event.record
    assert isinstance(record, RequestArrived)  # that is what is asked for
    return event.at_us if record.invocation_type == "event" else ended.get(record.index, until_us)


def _groups(came: Iterable[_Came]) -> list[list[_Came]]:
    groups: list[list[_Came]] = []
    for one in came:
        if (
            groups
            and one.step is None
            and groups[-1][0].step is None
            and one.arrived_us < max(each.ended_us for each in groups[-1])
        ):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups
