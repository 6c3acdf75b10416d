"""The service settings of one function, apart from its code and its configuration. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from sandbox_runner.scenario.destinations import Destination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.events.records import InitializationName
    from sandbox_runner.scenario.model import Initialization, NamedFunction, Scenario


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """The service settings of one function; with a single function they are part of the scenario itself.

    :ivar concurrency_per_environment: how many requests an environment serves at once, as on Managed Instances;
        ``None`` where it serves one at a time, and is frozen in between.
    :ivar on_success: the ARN of what gets a record of each asynchronous request that succeeded.
    :ivar on_failure: the same of each that was given up.
    :ivar dead_letter: the ARN of the queue or topic that gets the event of each that was given up.
    """

    initialization: Initialization
    provisioned_concurrency: int
    reserved_concurrency: int | None
    concurrency_per_environment: int | None
    max_retry_attempts: int
    max_event_age_s: int
    on_success: str | None
    on_failure: str | None
    dead_letter: str | None

    @property
    def initialized_as(self) -> InitializationName:
        """How its environments come to be, as they say it themselves."""
        return "lambda-managed-instances" if self.concurrency_per_environment else self.initialization

    @property
    def receivers(self) -> Mapping[str, Destination]:
        """What each of its three fields of that kind names, by the field."""
        told = {"on_success": self.on_success, "on_failure": self.on_failure, "dead_letter": self.dead_letter}
        return {field: Destination(arn) for field, arn in told.items() if arn is not None}

    @classmethod
    def of(cls, told: NamedFunction | Scenario) -> Self:
        """The service settings within ``told``."""
        return cls(**{each.name: getattr(told, each.name) for each in fields(cls)})
