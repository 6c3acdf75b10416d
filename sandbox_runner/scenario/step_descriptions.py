"""Describes the steps of a scenario, for progress messages and for the steps left over. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.messages import cut, say
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep, Step, requests_of
from sandbox_runner.scenario.service_steps import (
    DeployStep,
    IdleStep,
    InitializeStep,
    ProvisionStep,
    RecycleStep,
    ReserveStep,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Message


def described(steps: Sequence[Step]) -> tuple[Message, ...]:
    """A description of each step; requests by their index in the scenario, from 1."""
    found: list[Message] = []
    index = 0
    for step in steps:
        found.append(_described(step, index))
        index += len(requests_of(step))
    return tuple(found)


def _described(step: Step, index: int) -> Message:
    match step:
        case InvokeStep(invoke=request):
            who = {"request": index + 1, "as": cut(request.principal or ""), "repeated": False}
            later = request.type == "event"
            return say("step-request", request=who, asynchronous=later, function=request.function or "")
        case ConcurrentStep(concurrent=requests):
            return say("step-requests", first=index + 1, last=index + len(requests))
        case CallStep(call=call):
            return say("step-call", operation=call.operation.written, principal=cut(call.principal or ""))
        case IdleStep():
            return say("step-wait", seconds=step.idle)
        case _:
            return _of_environments(step, "" if isinstance(step, DeployStep) else step.function or "")


def _of_environments(
    step: InitializeStep | RecycleStep | ReserveStep | ProvisionStep | DeployStep, function: str
) -> Message:
    match step:
        case InitializeStep(initialize=count):
            return say("step-initialize", environments=count, function=function)
        case RecycleStep():
            return say("step-recycle-all" if step.recycle == "all" else "step-recycle-one", function=function)
        case ProvisionStep(provision=count):
            return say("step-provision", environments=count, function=function)
        case ReserveStep(reserve=concurrency):
            return say("step-reserve", concurrency="" if concurrency is None else str(concurrency), function=function)
        case DeployStep(deploy=revision):
            return say("step-deploy", function=revision)
    raise AssertionError(step)
