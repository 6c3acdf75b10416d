"""What the API answers, as its OpenAPI document describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.results import RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping


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


class Accepted(BaseModel):
    """A run that waits for a worker, and where to look for it: ``url`` for people, ``api_url`` for programs."""

    id: str
    url: str
    api_url: str


class Failure(BaseModel):
    """What failed on our side, with the reference that our log has too."""

    reference: str
    sentence: str


class RunState(Accepted):
    """Where a run stands. ``result`` is null until it is finished; ``failure`` is ours, never the function's."""

    status: str
    failure: Failure | None
    result: RunResult | None


def told(good: Mapping[int, Any], *problems: int) -> dict[int, Any]:
    """An operation's answers: the good ones, the problems it may have, and those that any may have."""
    return {**good, **dict.fromkeys(sorted({401, *problems}), Problem)}
