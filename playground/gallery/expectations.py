"""What each run of an incident must come to, stated beside its scenario in ``expected.yaml``. Pure.

The gallery's pages show it beside the steps; the tests play every run on every real backend and compare.
Texts are regular expressions that must be found somewhere in what came out.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sandbox_runner.events.records import CreatedBy, InitializationName, StartKind
from sandbox_runner.results.model import Outcome, Verdict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class ExpectedRequest(_Part):
    """How one request ends. What is left empty may be anything.

    ``log`` holds patterns that come in this order among the request's own lines; ``silent_on`` must not be there.
    ``duration_ms`` is the least and the most, both included.
    """

    outcome: Outcome
    start: StartKind | None = None
    environment: str | None = None
    error_type: str | None = None
    answer: Patterns = ()
    log: Patterns = ()
    silent_on: Patterns = ()
    duration_ms: tuple[float, float] | None = None
    init_reported: bool | None = None


class ExpectedEnvironment(_Part):
    """Who made one environment, and which requests it serves, by their numbers."""

    created_by: CreatedBy
    initialization: InitializationName = "on-demand"
    serves: tuple[int, ...] | None = None


class ExpectedLateWork(_Part):
    """Work that request ``started_by`` left behind and that came out in request ``ran_in``."""

    started_by: int
    ran_in: int


class Expectation(_Part):
    """What a run comes to.

    :ivar verdict: one of these.
    :ivar carrier: found in the path of what the gravest finding was carried by.
    :ivar log: patterns that come in this order in the run's log, environments after one another.
    :ivar counted: the least and the most lines of the run's log that have a pattern.
    :ivar peer: what the run's peers saw, in order, as ``env-1 connected``.
    """

    verdict: Annotated[tuple[Verdict, ...], BeforeValidator(_listed), Field(min_length=1)]
    carrier: str | None = None
    requests: tuple[ExpectedRequest, ...] = Field(min_length=1)
    environments: tuple[ExpectedEnvironment, ...] | None = None
    log: Patterns = ()
    counted: dict[str, tuple[int, int]] = Field(default_factory=dict)
    peer: tuple[str, ...] | None = None
    late: tuple[ExpectedLateWork, ...] | None = None
