"""How long an init may take, and how an environment is shut down. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from sandbox_runner.events.records import InitializationName
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario


def init_limit_s(initialization: InitializationName, timeout_s: int, lowered_to_s: float | None = None) -> float:
    """The limit of the init phase in seconds.

    :param lowered_to_s: the scenario's ``init_limit``, which replaces the 10 s of an on-demand environment.
    """
    if initialization == "on-demand":
        return limits.ON_DEMAND_INIT_S if lowered_to_s is None else min(lowered_to_s, limits.ON_DEMAND_INIT_S)
    return max(limits.PROVISIONED_INIT_S_MIN, timeout_s)


@dataclass(frozen=True, slots=True)
class Extensions:
    """How many extensions have registered in an environment."""

    internal: int = 0
    external: int = 0


NO_EXTENSIONS: Final = Extensions()


@dataclass(frozen=True, slots=True)
class ShutdownRule:
    """``budget_ms`` is the time from the first signal to SIGKILL; without ``sigterm`` SIGKILL is the first."""

    budget_ms: int
    sigterm: bool


def shutdown_rule(registered: Extensions) -> ShutdownRule:
    """How processes are ended, both at shutdown and at reset."""
    if registered.external:
        return ShutdownRule(limits.SHUTDOWN_MS_EXTERNAL_EXTENSION, sigterm=True)
    if registered.internal:
        return ShutdownRule(limits.SHUTDOWN_MS_INTERNAL_EXTENSION, sigterm=True)
    return ShutdownRule(limits.SHUTDOWN_MS_NO_EXTENSION, sigterm=False)


def lowered_fidelity(scenario: Scenario) -> dict[str, Message]:
    """Differences from Lambda that the scenario asks for."""
    if scenario.init_limit is None:
        return {}
    changed = say("init-limit-changed", seconds=float(scenario.init_limit), lambda_s=limits.ON_DEMAND_INIT_S)
    return {"init-limit": changed}
