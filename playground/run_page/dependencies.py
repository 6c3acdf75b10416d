"""What a run page says of a function's packages. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.text.display_text import readable

if TYPE_CHECKING:
    from sandbox_runner.results.model import RunResult


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


def missing_package(result: RunResult) -> str:
    """The package that a module that was not found may be in; empty where there is none to add."""
    return next((str(each.params["package"]) for each in result.verdict_messages if each.code == "package-missing"), "")
