"""Scenarios: the model, and reading one from YAML or JSON with helpful error messages.

The public names are those of :mod:`.model`, :mod:`.service_steps`, :mod:`.parts` and :mod:`.carried`.
"""

from sandbox_runner.scenario.model import (
    DEFAULT_NAME,
    ConcurrentStep,
    Function,
    Initialization,
    InvokeStep,
    NamedFunction,
    Scenario,
    Step,
    requests_of,
)
from sandbox_runner.scenario.parts import MadeFrom, Part, Peer
from sandbox_runner.scenario.request import Request
from sandbox_runner.scenario.service_settings import ServiceSettings
from sandbox_runner.scenario.service_steps import (
    DeployStep,
    IdleStep,
    InitializeStep,
    ProvisionStep,
    RecycleStep,
    ReserveStep,
    ServiceStep,
)

__all__ = [
    "DEFAULT_NAME",
    "ConcurrentStep",
    "DeployStep",
    "Function",
    "IdleStep",
    "Initialization",
    "InitializeStep",
    "InvokeStep",
    "MadeFrom",
    "NamedFunction",
    "Part",
    "Peer",
    "ProvisionStep",
    "RecycleStep",
    "Request",
    "ReserveStep",
    "Scenario",
    "ServiceSettings",
    "ServiceStep",
    "Step",
    "requests_of",
]
