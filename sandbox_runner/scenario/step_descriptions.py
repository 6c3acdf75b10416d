"""The steps of a scenario in words, for a progress line and for what a run had left. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.scenario.model import (
    ConcurrentStep,
    IdleStep,
    InitializeStep,
    InvokeStep,
    RecycleStep,
    Step,
    requests_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def steps_in_words(steps: Sequence[Step]) -> tuple[str, ...]:
    """Each step; requests by their index in the scenario, from 1."""
    told: list[str] = []
    index = 0
    for step in steps:
        told.append(_in_words(step, index))
        index += len(requests_of(step))
    return tuple(told)


def _in_words(step: Step, index: int) -> str:
    match step:
        case InvokeStep(invoke=request):
            name = f" ({request.principal})" if request.principal else ""
            name += f" to {request.function}" if request.function else ""
            later = ", asynchronous" if request.type == "event" else ""
            return f"request {index + 1}{name}{later}"
        case ConcurrentStep(concurrent=requests):
            return f"requests {index + 1} to {index + len(requests)} at the same moment"
        case IdleStep():
            return f"wait {step.idle:g} s"
        case InitializeStep(initialize=count):
            return f"prepare {count} environment{'s' if count > 1 else ''}{_of(step.function)}"
        case RecycleStep():
            which = "every" if step.recycle == "all" else "one"
            return f"end {which} environment{_of(step.function)}"


def _of(function: str | None) -> str:
    return f" of {function}" if function else ""
