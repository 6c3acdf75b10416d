"""Has moto's Step Functions start, end and describe the executions of :mod:`.account`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import AWSError
from moto.stepfunctions import models

from .account import read_or_refused
from .problems import StateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .account import Executions


class InvalidDefinitionError(AWSError):  # type: ignore[misc] # moto is not installed where this is checked
    """A definition is refused."""

    TYPE = "InvalidDefinition"
    STATUS = 400


class ExecutionLimitExceededError(AWSError):  # type: ignore[misc] # moto is not installed where this is checked
    """There are too many executions."""

    TYPE = "ExecutionLimitExceeded"
    STATUS = 400


class TaskDoesNotExistError(AWSError):  # type: ignore[misc] # moto is not installed where this is checked
    """A token is none."""

    TYPE = "TaskDoesNotExist"
    STATUS = 400


class InvalidOutputError(AWSError):  # type: ignore[misc] # moto is not installed where this is checked
    """What a task sends back is no JSON."""

    TYPE = "InvalidOutput"
    STATUS = 400


def install(executions: Executions, now: Callable[[], datetime]) -> None:
    """Do so in this process, and in all that are copied from it.

    :param now: the account's time.
    """
    models.utcnow = now
    backend, machine, execution = models.StepFunctionBackend, models.StateMachine, models.Execution
    create, update, start = backend.create_state_machine, backend.update_state_machine, machine.start_execution

    def created(self: Any, name: str, definition: str, *given: Any, **named: Any) -> Any:
        _check(definition)
        return create(self, name, definition, *given, **named)

    def updated(self: Any, arn: str, definition: str | None = None, *given: Any, **named: Any) -> Any:
        if definition is not None:
            _check(definition)
        return update(self, arn, definition, *given, **named)

    def started(self: Any, *given: Any, **named: Any) -> Any:
        if not executions.has_room():
            most = executions.most["executions"]
            raise ExecutionLimitExceededError(f"Holdover plays {most} executions in a run, and this is one more")
        kept = start(self, *given, **named)
        executions.start(kept, self)
        return kept

    def stopped(self: Any, *_: Any, error: str = "", cause: str = "", **__: Any) -> None:
        executions.stop(self.execution_arn, error, cause)

    backend.create_state_machine, backend.update_state_machine = created, updated
    machine.start_execution, execution.stop = started, stopped
    execution.get_execution_history = lambda self, _role: executions.events(self.execution_arn)
    backend.send_task_success = lambda _, token, outcome: _sent(executions, token, outcome)
    backend.send_task_failure = lambda _, token, error=None: _failed(executions, token, error)
    backend.send_task_heartbeat = lambda *_: None


def _check(definition: str) -> None:
    for said in read_or_refused(definition):
        raise InvalidDefinitionError(said)


def _sent(executions: Executions, token: str, outcome: str) -> None:
    try:
        result = json.loads(outcome)
    except (ValueError, RecursionError):
        raise InvalidOutputError("Invalid JSON in output") from None
    if not executions.sent_back(token, result):
        raise TaskDoesNotExistError("Task does not exist")


def _failed(executions: Executions, token: str, error: str | None) -> None:
    if not executions.sent_back(token, error=StateError(error or "", "")):
        raise TaskDoesNotExistError("Task does not exist")
