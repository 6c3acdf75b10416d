"""What a scenario has happen in place of a request's answer, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.i18n.marking import _

if TYPE_CHECKING:
    from sandbox_runner.scenario.field_types import Fault
    from sandbox_runner.scenario.model import Scenario


def faults_of(scenario: Scenario) -> dict[int, Fault]:
    """What happens in place of an answer, by the index of the request."""
    return {index: request.fault for index, _principal, request in scenario.requests() if request.fault}


def fault_sentence(fault: Fault | None) -> str:
    """What happened to the request that met it; empty without one."""
    if fault is None:
        return ""
    if fault == "crash":
        return _("As the scenario asks, the runtime's process was killed when the handler had its answer.")
    return _("As the scenario asks, the handler's answer was held back until the function's time was up.")
