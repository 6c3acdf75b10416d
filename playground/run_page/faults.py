"""What a scenario asks to happen in place of a request's answer, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import _

if TYPE_CHECKING:
    from sandbox_runner.scenario.field_types import Fault
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class AskedFault:
    """What was asked for; a request that failed before its handler had an answer met nothing of it."""

    short: str
    sentence: str


def faults_of(scenario: Scenario) -> dict[int, Fault]:
    """What happens in place of an answer, by the index of the request."""
    return {index: request.fault for index, _principal, request in scenario.requests() if request.fault}


def asked_fault(fault: Fault | None) -> AskedFault | None:
    """That fault in words."""
    if fault is None:
        return None
    if fault == "crash":
        sentence = _("The scenario asks for a crash: the runtime's process is killed once the handler has its answer.")
        return AskedFault(_("a crash was asked for"), sentence)
    sentence = _("The scenario asks for a timeout: the handler's answer is held back until the function's time is up.")
    return AskedFault(_("a timeout was asked for"), sentence)
