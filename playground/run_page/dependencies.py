"""What a run page says of a function's packages, and what code that did not load lacks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlencode

from playground.text.display_text import readable
from sandbox_runner.handler_code.aws_resources import wanted_by
from sandbox_runner.handler_code.environment_reads import VARIABLES_MAX, example_of, needed, said
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class DependenciesView:
    """The packages of one function: each as name and version, and the lock that says so."""

    function: str
    file: str
    packages: tuple[str, ...]
    lock: str


def dependencies_views(result: RunResult) -> tuple[DependenciesView, ...]:
    """Those of each function that has some."""
    return tuple(
        DependenciesView(
            function=each.function or "",
            file=each.file,
            packages=tuple(readable(f"{one.name} {one.version}") for one in each.packages),
            lock=readable(each.lock),
        )
        for each in result.dependencies
    )


@dataclass(frozen=True, slots=True)
class MissingVariables:
    """Environment variables that a copy may set; the first is ``why`` the code did not load, or failed."""

    names: tuple[str, ...]
    why: tuple[Message, ...]

    @property
    def first(self) -> str:
        """The first one, for a person."""
        return readable(self.names[0])

    @property
    def more(self) -> int:
        """How many there are besides the first."""
        return len(self.names) - 1

    @property
    def query(self) -> str:
        """What the address of the copy has for them."""
        return urlencode([("set", name) for name in self.names])


def missing_variables(result: RunResult) -> MissingVariables | None:
    """The variables to set so that the code gets further; nothing where it did not fail for want of one."""
    function = result.scenario.functions[result.scenario.name_of(None)]
    why = tuple(each for each in result.verdict_messages if each.code == "variable-missing")
    if not why or len(result.scenario.functions) > 1:
        return None
    known = {*said(function.environment), *RESERVED_VARIABLES}
    names = tuple(dict.fromkeys((str(why[0].params["name"]), *needed(function.files, known))))
    return MissingVariables(names[:VARIABLES_MAX], why)


def with_variables(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario of one function with an example value for each of these variables."""
    function = scenario.functions[scenario.name_of(None)]
    guessed = wanted_by(function.files.values(), function.environment).variables
    given = {name: guessed.get(name) or example_of(name) for name in names}
    return scenario.with_environment(scenario.name_of(None), {**function.environment, **given})


@dataclass(frozen=True, slots=True)
class OfferedPackages:
    """What a copy may ask for so that it gets further: ``lines`` as the field of the form has them.

    :ivar kind: ``add`` what is missing, ``take`` other versions, or the ``newest`` one.
    """

    kind: Literal["add", "take", "newest"]
    lines: tuple[str, ...]

    @property
    def first(self) -> str:
        """The first one, for a person."""
        return readable(self.lines[0].replace("==", " "))

    @property
    def more(self) -> int:
        """How many there are besides the first."""
        return len(self.lines) - 1

    @property
    def query(self) -> str:
        """What the address of the copy has for them."""
        return urlencode({"add": "\n".join(self.lines)})


def offered_packages(result: RunResult) -> OfferedPackages | None:
    """What to ask for where code did not load for want of it; nothing where that is not known."""
    for each in result.verdict_messages:
        match each.code:
            case "package-missing" | "package-once-brought":
                return OfferedPackages("add", (str(each.params["package"]),))
            case "package-not-built":
                return OfferedPackages("newest", (str(each.params["package"]),))
            case "packages-without-wheel":
                return OfferedPackages("take", tuple(cast("list[str]", each.params["nearest"])))
            case _:
                pass
    return None
