"""Brings the account and the Lambda service of a run together: each calls the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.run.deliveries import Deliveries
from sandbox_runner.run.function_calls import FunctionCalls
from sandbox_runner.run.mappings import Mappings
from sandbox_runner.run.service_events import ServiceEvents
from sandbox_runner.run.workflows import workflows_of

if TYPE_CHECKING:
    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.service import LambdaService


async def connect(scenario: Scenario, log: EventLog, clock: Clock, service: LambdaService, account: RunAccount) -> None:
    """Let functions and services reach Lambda, and Lambda the account's queues, topics, buses and buckets.

    :raises OurFailure: whatever answers for the account has failed.
    """
    mappings = Mappings(scenario, log, clock, account, service)
    await mappings.begin()
    account.mapped_by = mappings.create
    service.poll(workflows_of(scenario, log, account, service.called, clock))
    account.relay.functions = FunctionCalls(scenario, log, service.called).answer
    service.deliver_by(Deliveries(scenario, account, service.called).deliver)
    account.push_by(ServiceEvents(scenario, account, service.called).take)
