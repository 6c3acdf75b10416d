"""What is pushed: a scenario file, or a folder that holds one; and what has to be watched for changes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import ScenarioError, UsageError
from sandbox_runner.scenario.file import read_scenario_file

if TYPE_CHECKING:
    from sandbox_runner.scenario.model import Scenario

NAMES: Final = ("scenario.yaml", "scenario.yml", "scenario.json")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a scenario comes from."""

    file: Path

    def read(self) -> Scenario:
        """The scenario as it is written now, the code of the folder that it names in it.

        :raises ScenarioError: it cannot be played as written; the message begins with the file and the line.
        """
        try:
            return read_scenario_file(str(self.file))
        except ScenarioError as error:
            raise ScenarioError(
                error.message, field=error.field, line=error.line, column=error.column, file=str(self.file)
            ) from None


def source_at(name: str) -> Source:
    """The scenario at that path.

    :raises UsageError: there is none.
    """
    path = Path(name)
    if not path.is_dir():
        return Source(path)
    found = next((path / one for one in NAMES if (path / one).is_file()), None)
    if found is None:
        raise UsageError(
            f"{name} has no {NAMES[0]}; write one there that says directory: . and has the requests to play, "
            "or name a scenario file"
        )
    return Source(found)
