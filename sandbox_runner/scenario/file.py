"""Reading a scenario from a file, or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.reader import read_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.bundles.keeping import Keeper
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario


def read_scenario_file(
    name: str, told: Callable[[Message], None] | None = None, keeper: Keeper | None = None
) -> Scenario:
    """Read the scenario file of that name; ``-`` is standard input. Folders in it are relative to the file's.

    :param told: gets what was left out of an archive.
    :param keeper: keeps zips that are more than a scenario carries; without one they are refused.
    :raises ScenarioError: it cannot be read, or not played as written.
    """
    if name == "-":
        sent = _decoded(sys.stdin.buffer.read(limits.SCENARIO_BYTES_MAX + 1), name)
        return read_scenario(sent, beside=_beside(Path.cwd(), told, keeper))
    path = Path(name)
    try:
        with path.open("rb") as file:
            data = file.read(limits.SCENARIO_BYTES_MAX + 1)
    except OSError as problem:
        raise ScenarioError(say("scenario-file-unreadable", name=name, reason=problem.strerror or "")) from None
    return read_scenario(_decoded(data, name), beside=_beside(path.parent, told, keeper))


def _beside(base: Path, told: Callable[[Message], None] | None, keeper: Keeper | None) -> Beside:
    return Beside(base, keeper=keeper) if told is None else Beside(base, told, keeper)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(say("scenario-file-not-text", name=name)) from None
