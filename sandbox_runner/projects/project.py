"""The functions of a bundle, and a scenario for one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.projects.handler_search import find_handler
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario

_CALLERS: Final = ("tenant-a", "tenant-b")


@dataclass(frozen=True, slots=True)
class Planned:
    """One function of a project.

    :ivar name: what the template calls it; empty where there is none.
    :ivar folder: the folder that becomes its task root; empty for the whole.
    :ivar file: the path of the handler's file below the task root, as far as it was found.
    :ivar settings: fields of a function in a scenario, beside its code.
    :ivar said: what was not understood of it, a sentence each.
    """

    runtime: str
    handler: str
    file: str = ""
    name: str = ""
    folder: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """The functions of a bundle; the first is the one to play unless somebody chooses."""

    functions: tuple[Planned, ...]
    said: tuple[Message, ...] = ()

    def function(self, name: str = "") -> Planned:
        """The function of that name, or the first.

        :raises ScenarioError: there is none.
        """
        found = next((each for each in self.functions if name in ("", each.name)), None)
        if found is None:
            known = [each.name for each in self.functions if each.name]
            raise ScenarioError(say("project-function-unknown", name=name[:80], known=known))
        return found


@dataclass(frozen=True, slots=True)
class Opened:
    """A function of a project as data of a scenario, and everything that has to be said of it."""

    function: dict[str, Any]
    said: tuple[Message, ...]

    def scenario(self) -> Scenario:
        """Two callers with an empty payload each.

        :raises ScenarioError: it cannot be played as it is.
        """
        steps: list[dict[str, Any]] = [{"invoke": {"payload": {}, "as": caller}} for caller in _CALLERS]
        return parse_scenario({"version": 1, "function": self.function, "steps": steps})


def read_project(bundle: Bundle) -> Project:
    """The functions of ``bundle``.

    :raises ScenarioError: there is no file in it.
    """
    if not bundle.entries:
        raise ScenarioError(say("project-empty"))
    return Project((_found(bundle),))


def _found(bundle: Bundle) -> Planned:
    found = find_handler(bundle)
    said = () if found.file else (say("no-handler-found", handler=found.handler),)
    return Planned(found.runtime, found.handler, found.file, said=said)


def open_function(bundle: Bundle, planned: Planned) -> Opened:
    """The function with its files.

    :raises ScenarioError: its files are more than a scenario can have, or cannot be read.
    """
    taken = bundle.below(planned.folder).take((planned.file,))
    function = {"runtime": planned.runtime, "handler": planned.handler, **planned.settings, **taken.to_json()}
    return Opened(function, (*planned.said, *bundle.left_out, *taken.left_out))
