"""The functions of a session as they are now: what clients were told, and what they have changed. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sandbox_runner.scenario.revisions import with_names, with_revision

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox_runner.scenario.model import Function, NamedFunction, Scenario


@dataclass(frozen=True, slots=True)
class Provisioned:
    """How many environments are kept initialised, and since when, in ISO 8601."""

    count: int
    since: str


@dataclass(frozen=True, slots=True)
class Version:
    """What is deployed of a function: the scenario's function, since when in ISO 8601, and the id of the revision."""

    function: str
    since: str
    revision_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Deployed:
    """The functions of ``scenario``, some of which are revisions of others.

    :ivar versions: what is deployed of each, by its name.
    :ivar reserved: the reserved concurrency of each that has some.
    :ivar provisioned: the provisioned concurrency of each that has some.
    """

    scenario: Scenario
    versions: dict[str, Version]
    reserved: dict[str, int]
    provisioned: dict[str, Provisioned]

    @classmethod
    def of(cls, scenario: Scenario, since: str) -> Deployed:
        """Those of a session that begins then."""
        settings = {name: scenario.settings_of(name) for name in scenario.functions}
        reserved = {name: each.reserved_concurrency for name, each in settings.items()}
        return cls(
            scenario,
            {name: Version(name, since) for name in settings},
            {name: each for name, each in reserved.items() if each is not None},
            {
                name: Provisioned(each.provisioned_concurrency, since)
                for name, each in settings.items()
                if each.provisioned_concurrency
            },
        )

    @property
    def names(self) -> Collection[str]:
        """What the functions are called on Lambda."""
        return self.versions

    @property
    def first(self) -> str | None:
        """The first function in records and steps."""
        return self.recorded(next(iter(self.versions)))

    @property
    def at_url(self) -> Function:
        """What is deployed of the function that is reached at the session's URL."""
        return self.scenario.functions[next(iter(self.versions.values())).function]

    def recorded(self, name: str) -> str | None:
        """What is deployed of that function, in records and steps; ``None`` where the scenario's has no name."""
        return self.scenario.recorded(self.versions[name].function)

    def current(self, name: str) -> NamedFunction:
        """What is deployed of that function."""
        functions = with_names(self.scenario).written_functions or {}
        return functions[self.versions[name].function]

    def with_revision(self, revision: NamedFunction, since: str) -> Deployed:
        """The same after that revision was deployed."""
        versions = {**self.versions, revision.deployed_name: Version(revision.name, since)}
        return replace(self, scenario=with_revision(self.scenario, revision), versions=versions)
