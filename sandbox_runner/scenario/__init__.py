"""Scenarios: the model, and reading one from YAML or JSON with helpful error messages.

The public names are those of :mod:`.model`, :mod:`.parts` and :mod:`.carried`.
"""

from sandbox_runner.scenario.model import (
    DEFAULT_NAME,
    ConcurrentStep,
    EventAge,
    Function,
    IdleStep,
    Initialization,
    InitializeStep,
    InvokeStep,
    NamedFunction,
    PerEnvironment,
    Provisioned,
    RecycleStep,
    Request,
    Reserved,
    RetryAttempts,
    Scenario,
    Step,
    requests_of,
)
from sandbox_runner.scenario.parts import MadeFrom, Part, Peer
from sandbox_runner.scenario.service_settings import ServiceSettings

__all__ = [
    "DEFAULT_NAME",
    "ConcurrentStep",
    "EventAge",
    "Function",
    "IdleStep",
    "Initialization",
    "InitializeStep",
    "InvokeStep",
    "MadeFrom",
    "NamedFunction",
    "Part",
    "Peer",
    "PerEnvironment",
    "Provisioned",
    "RecycleStep",
    "Request",
    "Reserved",
    "RetryAttempts",
    "Scenario",
    "ServiceSettings",
    "Step",
    "requests_of",
]
