"""What an account's process tells of the executions of its state machines. Pure; believed in nothing but its form."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox_runner.account.base import Pushed, Source
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.workflow_graph import WorkflowGraph
from sandbox_runner.limits import ACCOUNT_TEXT_CHARACTERS_MAX as TEXT_MAX
from sandbox_runner.untrusted_text import well_formed

_NAME_MAX = 2_048


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    execution: str = Field(max_length=_NAME_MAX)


class Started(_Told):
    """An execution began. ``cause`` is the seed of the order that started it."""

    what: Literal["started"]
    machine: str = Field(max_length=_NAME_MAX)
    name: str = Field(max_length=_NAME_MAX)
    cause: str = Field(max_length=_NAME_MAX)
    input: str = Field(max_length=TEXT_MAX)
    graph: WorkflowGraph


class _InState(_Told):
    state: str = Field(max_length=_NAME_MAX)
    place: str = Field(max_length=_NAME_MAX)


class Moved(_InState):
    """Something happened in a state; ``place`` says in which branches or items it is."""

    what: Literal["entered", "exited", "waits", "retried", "caught", "failed", "aborted"]
    input: str = Field(default="", max_length=TEXT_MAX)
    output: str = Field(default="", max_length=TEXT_MAX)
    error: str = Field(default="", max_length=TEXT_MAX)
    cause: str = Field(default="", max_length=TEXT_MAX)
    wait_ms: int = 0


class Invoke(_InState):
    """A Task state wants a function invoked."""

    what: Literal["invoke"]
    task: int
    function: str = Field(max_length=1_048_576)
    payload: str
    is_event: bool
    is_direct: bool


class PushedByCall(BaseModel):
    """See :class:`.base.Pushed`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    name: str
    function: str
    payload: str | None

    def given(self) -> Pushed:
        """The same as whoever takes it has it."""
        payload = None if self.payload is None else self.payload.encode("utf-8", "replace")
        return Pushed(self.source, self.name, self.function, payload)


class CalledByState(_InState):
    """A Task state called a service, which has answered."""

    what: Literal["called"]
    task: int
    service: str = Field(max_length=_NAME_MAX)
    operation: str = Field(max_length=_NAME_MAX)
    parameters: str = Field(max_length=TEXT_MAX)
    status: int
    answer: str = Field(max_length=TEXT_MAX)
    pushed: tuple[PushedByCall, ...] = ()


class Ended(_Told):
    """An execution ended."""

    what: Literal["ended"]
    status: Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    output: str = Field(max_length=TEXT_MAX)
    error: str = Field(max_length=TEXT_MAX)
    cause: str = Field(max_length=TEXT_MAX)


class WorkflowNews(BaseModel):
    """All that is told at one time.

    ``due_ms`` is when to ask again, since 1970; ``refused`` counts what was not begun.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    told: tuple[Started | Moved | Invoke | CalledByState | Ended, ...] = ()
    more: bool = False
    due_ms: int | None = None
    running: int = 0
    refused: int = 0


def read_news(body: bytes) -> WorkflowNews:
    """The news in an answer.

    :raises ProtocolViolation: it has none.
    """
    try:
        return WorkflowNews.model_validate_json(well_formed(body.decode("utf-8", "replace")))
    except ValidationError:
        raise ProtocolViolation("an account's process did not say how its workflows go on") from None
