"""Scenarios: the model, and reading one from YAML or JSON with helpful error messages.

The public names are those of :mod:`.model`.
"""

from sandbox_runner.scenario.field_types import EnvironmentName, FunctionName, RuntimeIdentifier, Seconds, TaskPath
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
    Peer,
    Provisioned,
    RecycleStep,
    Request,
    Reserved,
    RetryAttempts,
    Scenario,
    ServiceSettings,
    Step,
    is_absent,
    requests_of,
)

__all__ = [
    "DEFAULT_NAME",
    "ConcurrentStep",
    "EnvironmentName",
    "EventAge",
    "Function",
    "FunctionName",
    "IdleStep",
    "Initialization",
    "InitializeStep",
    "InvokeStep",
    "NamedFunction",
    "Peer",
    "Provisioned",
    "RecycleStep",
    "Request",
    "Reserved",
    "RetryAttempts",
    "RuntimeIdentifier",
    "Scenario",
    "Seconds",
    "ServiceSettings",
    "Step",
    "TaskPath",
    "is_absent",
    "requests_of",
]
