"""The API's response models, as documented in its OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.messages import Kind, Message
from sandbox_runner.results.model import Finding, RunResult, Verdict, VerdictMessage
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping


AdviceMessage = Annotated[Message, Kind("advice")]
FailureMessage = Annotated[Message, Kind("failure")]


class Problem(BaseModel):
    """An error (RFC 9457). ``field`` is the dotted path of the invalid field in a body or address."""

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
    """A queued run and its addresses: ``url`` for people, ``api_url`` for programs.

    ``claim_url`` is present, this once, if a new experiment was created without a token: whoever opens it in a browser
    can rename, share and delete the experiment.
    """

    id: str
    url: str
    api_url: str
    claim_url: str = ""


class KeptArchive(BaseModel):
    """A zip that is kept, as a scenario names it; its ``name`` there is what you call it."""

    sha256: str
    bytes: int


class Advice(BaseModel):
    """What is worth mending in a scenario; it is played all the same."""

    messages: tuple[AdviceMessage, ...]
    sentence: str


class Submitted(Accepted):
    """A run that was just submitted. ``advice`` is present if there is something to mend in its scenario."""

    advice: Advice | None = None


class Opened(Submitted):
    """A live session that was just opened. ``live_url`` is shown this once."""

    live_url: str


class Failure(BaseModel):
    """An internal error, with the reference that is also in our log."""

    reference: str
    messages: list[FailureMessage]
    sentence: str


LongerMessage = Annotated[Message, Kind("longer")]


class LongerProofState(BaseModel):
    """What a longer proof would add and take. ``run`` plays one now, and is null while none does."""

    messages: tuple[LongerMessage, ...]
    sentence: str
    run: str | None


class RunState(Accepted):
    """A run. ``result`` is null until it is finished; ``failure`` is an internal error, never the function's.

    ``waiting`` explains why a queued run is held up, and is null if it only waits for its turn. ``longer_proof`` is
    null unless the proof was cut short.
    """

    status: str
    waiting: str | None
    failure: Failure | None
    longer_proof: LongerProofState | None
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
    """A page of runs; ``next`` is the address of the following page, or null."""

    items: list[RunRow]
    next: str | None


class RevisionRow(BaseModel):
    """One immutable version of an experiment. ``parent`` is what it was copied from, null if you may not see that."""

    id: str
    url: str
    api_url: str
    experiment: str
    number: int
    parent: str | None
    created_at: datetime


class RevisionState(RevisionRow):
    """A revision with its scenario, files included."""

    scenario: Scenario


class Revisions(BaseModel):
    """A page of revisions, newest first; ``next`` is the address of the following page, or null."""

    items: list[RevisionRow]
    next: str | None


class ExperimentState(BaseModel):
    """An experiment. ``forked_from`` is the revision it was copied from, null if none or not visible to you."""

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
    """A page of experiments, newest first; ``next`` is the address of the following page, or null."""

    items: list[ExperimentState]
    next: str | None


class Findings(BaseModel):
    """The findings behind a run's verdict. ``verdict`` is null and ``items`` is empty until the run is finished."""

    status: str
    verdict: Verdict | None
    verdict_messages: list[VerdictMessage]
    verdict_sentence: str | None
    items: list[Finding]


# One message of a run's stream, with JSON data.
EVENT: Final = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["status", "events", "done"]},
        "id": {"type": "string"},
        "data": {"type": "string"},
    },
    "required": ["event", "id", "data"],
}


def responses(good: Mapping[int, Any], *problems: int) -> dict[int, Any]:
    """An operation's responses: its successes, its own errors, and those that every operation may have."""
    return {**good, **dict.fromkeys(sorted({401, 503, *problems}), Problem)}


def responses_of_writing(good: Mapping[int, Any], *problems: int) -> dict[int, Any]:
    """The same for an operation that changes something, which another site's page may not ask for."""
    return responses(good, 403, 415, *problems)
