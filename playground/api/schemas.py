"""What the API answers, as its OpenAPI document describes it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.messages import Kind, Message
from sandbox_runner.results.model import Finding, RunResult, Verdict, VerdictMessage
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping


FailureMessage = Annotated[Message, Kind("failure")]


class Problem(BaseModel):
    """Why not (RFC 9457). ``field`` is the dotted place of what needs mending, in a body or an address."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str
    field: str | None = None
    line: int | None = None
    column: int | None = None
    code: str | None = None
    params: dict[str, Any] | None = None


class Accepted(BaseModel):
    """A run that waits for a worker, and where to look for it: ``url`` for people, ``api_url`` for programs.

    ``claim_url`` is there where a new experiment was made without a token, and is told this once: who opens it in a
    browser may rename, share and delete the experiment.
    """

    id: str
    url: str
    api_url: str
    claim_url: str = ""


class Failure(BaseModel):
    """What failed on our side, with the reference that our log has too."""

    reference: str
    messages: list[FailureMessage]
    sentence: str


class RunState(Accepted):
    """Where a run stands. ``result`` is null until it is finished; ``failure`` is ours, never the function's.

    ``waiting`` says in a sentence why a queued run waits for more than its turn, and is null where it does not.
    """

    status: str
    waiting: str | None
    failure: Failure | None
    result: RunResult | None


class RunRow(Accepted):
    """A run in a list."""

    status: str
    revision: str
    verdict: str | None
    verdict_sentence: str | None
    created_at: datetime
    finished_at: datetime | None


class Runs(BaseModel):
    """Some of the runs; ``next`` is where to ask for those that follow, or null."""

    items: list[RunRow]
    next: str | None


class RevisionRow(BaseModel):
    """One immutable version of an experiment. ``parent`` is what it is a copy of, null where that is not yours."""

    id: str
    url: str
    api_url: str
    experiment: str
    number: int
    parent: str | None
    created_at: datetime


class RevisionState(RevisionRow):
    """The same with its scenario, files included."""

    scenario: Scenario


class Revisions(BaseModel):
    """Some of the revisions, newest first; ``next`` is where to ask for those that follow, or null."""

    items: list[RevisionRow]
    next: str | None


class ExperimentState(BaseModel):
    """An experiment. ``forked_from`` is the revision it was copied from, null where that is none or not yours."""

    id: str
    url: str
    api_url: str
    title: str
    description: str
    visibility: Literal["public", "unlisted", "team", "private"]
    team: str | None
    tags: list[str]
    owner: str | None
    forked_from: str | None
    revisions: int
    may_edit: bool
    created_at: datetime


class Experiments(BaseModel):
    """Some of the experiments, newest first; ``next`` is where to ask for those that follow, or null."""

    items: list[ExperimentState]
    next: str | None


class Findings(BaseModel):
    """What a run's verdict rests on. ``verdict`` is null and ``items`` is empty until the run is finished."""

    status: str
    verdict: Verdict | None
    verdict_messages: list[VerdictMessage]
    verdict_sentence: str | None
    items: list[Finding]


# One message of a run's stream; its data is JSON.
EVENT: Final = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["status", "events", "done"]},
        "id": {"type": "string"},
        "data": {"type": "string"},
    },
    "required": ["event", "id", "data"],
}


def told(good: Mapping[int, Any], *problems: int) -> dict[int, Any]:
    """An operation's answers: the good ones, the problems it may have, and those that any may have."""
    return {**good, **dict.fromkeys(sorted({401, 503, *problems}), Problem)}
