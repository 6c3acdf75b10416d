"""What is pushed: a scenario file, or a folder or a zip with code; and what has to be watched for changes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox_runner.bundles.folder import read_path
from sandbox_runner.errors import ScenarioError, UsageError
from sandbox_runner.projects.project import open_function, read_project
from sandbox_runner.scenario.file import read_scenario_file
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox_runner.bundles.keeping import Keeper
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario

NAMES: Final = ("scenario.yaml", "scenario.yml", "scenario.json")
_ZIP: Final = ".zip"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a scenario comes from: its file, or a project without one.

    :ivar function: which function of a project; the first where it is empty.
    :ivar environment: environment variables that every function gets beside its own.
    """

    path: Path
    is_project: bool = False
    function: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def watched(self) -> Path:
        """The folder in which a change may change the scenario."""
        return self.path if self.path.is_dir() else self.path.parent

    def read(self, told: Callable[[Message], None], keeper: Keeper) -> Scenario:
        """The scenario as it is written now, the code of the folder that it names in it.

        :param told: gets what was left out and what was not understood.
        :param keeper: keeps what is more than a scenario carries, until it is sent.
        :raises ScenarioError: it cannot be played as written; the message begins with the file and the line.
        """
        try:
            read = self._project(told, keeper) if self.is_project else read_scenario_file(str(self.path), told, keeper)
            return self._with_environment(read)
        except ScenarioError as error:
            raise ScenarioError(
                error.message, field=error.field, line=error.line, column=error.column, file=str(self.path)
            ) from None

    def _with_environment(self, scenario: Scenario) -> Scenario:
        if not self.environment:
            return scenario
        for name, function in scenario.functions.items():
            scenario = scenario.with_environment(name, {**function.environment, **self.environment})
        return parse_scenario(scenario.to_json())

    def _project(self, told: Callable[[Message], None], keeper: Keeper) -> Scenario:
        with read_path(self.path) as bundle:
            project = read_project(bundle)
            opened = open_function(bundle, project.function(self.function), self.path.name, keeper)
        for each in (*project.said, *opened.said):
            told(each)
        return opened.scenario()


def variables_of(written: Sequence[str], own: Mapping[str, str]) -> dict[str, str]:
    """Environment variables, each written as NAME=VALUE, or as NAME for the one of ``own``.

    :raises UsageError: there is none of that name.
    """
    found: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals and name not in own:
            raise UsageError(f"--env {name}: that variable is not set here; write --env {name}=VALUE")
        found[name] = value if equals else own[name]
    return found


def source_at(name: str, function: str = "", environment: Mapping[str, str] | None = None) -> Source:
    """The scenario at that path; a folder without one, and a zip, are projects.

    :param function: which of a project's functions; empty for the first.
    :param environment: environment variables for every function, beside its own.
    :raises UsageError: a function is asked for, and a scenario has its own.
    """
    path = Path(name)
    found = next((path / one for one in NAMES if (path / one).is_file()), None) if path.is_dir() else path
    if found is None or path.suffix.lower() == _ZIP:
        return Source(path, is_project=True, function=function, environment=environment or {})
    if function:
        raise UsageError(f"--function is for a folder or a zip without a scenario; {found} has its own functions")
    return Source(found, environment=environment or {})
