"""Projects the events of a run, finished or not, into its result. Pure.

Everything here is a function of the scenario and the event log. The first part of a log gives a partial result: what
has not happened yet is missing or marked as not played, and intervals still open end at the last event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox_runner import verdict
from sandbox_runner.events.records import Event, RunFinished, ServiceWaited
from sandbox_runner.messages import say
from sandbox_runner.projections.account import account_result
from sandbox_runner.projections.asynchronous import asynchronous_results
from sandbox_runner.projections.cost import invoice
from sandbox_runner.projections.dependencies import dependencies
from sandbox_runner.projections.environments import environment_results
from sandbox_runner.projections.invocations import invocation_results
from sandbox_runner.projections.late_work import late_work
from sandbox_runner.projections.log import log_entries
from sandbox_runner.projections.log_levels import LogSettings
from sandbox_runner.projections.proof_budget import proof_result
from sandbox_runner.results.model import (
    AsynchronousResult,
    BackendResult,
    EnvironmentResult,
    InvocationResult,
    LogEntry,
    RunResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class PartialResult:
    """What is known about a run in progress."""

    invocations: tuple[InvocationResult, ...]
    environments: tuple[EnvironmentResult, ...]
    log: tuple[LogEntry, ...]
    service_time_compressed: bool
    asynchronous: tuple[AsynchronousResult, ...] = ()


def project(scenario: Scenario, backend: BackendResult, events: Sequence[Event]) -> RunResult:
    """The result of a finished run."""
    shown = project_partial(scenario, events)
    judgement = verdict.judge(scenario, events)
    return RunResult(
        scenario=scenario,
        backend=backend,
        verdict=judgement.verdict,
        verdict_messages=judgement.messages,
        findings=judgement.findings,
        passages=judgement.passages,
        checks=judgement.checks,
        service_time_compressed=shown.service_time_compressed,
        ended=_ended(events),
        left=_left(events),
        invocations=shown.invocations,
        environments=shown.environments,
        log=shown.log,
        events=tuple(events),
        invoice=invoice(events),
        proof=proof_result(events),
        late_work=late_work(events),
        asynchronous=shown.asynchronous,
        dependencies=dependencies(events),
        account=account_result(events),
    )


def project_partial(scenario: Scenario, events: Sequence[Event]) -> PartialResult:
    """The result so far, from any number of a run's first events, even none."""
    log = log_entries(events, {name: LogSettings.of(each) for name, each in scenario.functions.items()})
    return PartialResult(
        invocations=invocation_results(scenario, events, log),
        environments=environment_results(events),
        log=log,
        service_time_compressed=any(
            isinstance(each.record, ServiceWaited) and each.record.run_seconds < each.record.seconds for each in events
        ),
        asynchronous=asynchronous_results(scenario, events),
    )


def _left(events: Iterable[Event]) -> Message | None:
    """The steps left over when a run ran out of time."""
    finished = [each.record for each in events if isinstance(each.record, RunFinished)]
    if not finished or finished[-1].budget_s is None:
        return None
    end = finished[-1]
    if not end.left_steps:
        return say("time-ran-out-at-the-end", seconds=end.budget_s)
    return say("time-ran-out", seconds=end.budget_s, steps=end.left, more=end.left_steps - len(end.left))


def _ended(events: Iterable[Event]) -> Literal["done", "out-of-time", "cancelled"]:
    reasons = [each.record.reason for each in events if isinstance(each.record, RunFinished)]
    return reasons[-1] if reasons else "done"
