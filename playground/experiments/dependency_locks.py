"""Which packages a revision has: kept by its first run, inherited by its edited copies and forks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.models import DependencyLock

if TYPE_CHECKING:
    from playground.experiments.models import Revision
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario


def locks_of(revision: Revision) -> dict[str, str]:
    """The locks kept with it, by function."""
    return dict(revision.locks.values_list("function", "text"))


def locked_scenario(revision: Revision) -> Scenario:
    """Its scenario with the kept locks among the files, so that it has the same packages wherever it is played."""
    scenario = revision.scenario
    for name, text in locks_of(revision).items():
        wanted = scenario.requirements(name)
        if wanted is not None:
            scenario = scenario.with_files(name, {**scenario.functions[name].files, wanted.packages.lock: text})
    return scenario


def keep_locks(revision: Revision, result: RunResult) -> None:
    """Keep what a run of ``revision`` found, unless an earlier one did. What is among its files is kept there."""
    for each in result.dependencies:
        name = result.scenario.name_of(each.function)
        if each.file not in result.scenario.functions[name].files:
            DependencyLock.objects.get_or_create(revision=revision, function=name, defaults={"text": each.lock})


def inherit_locks(revision: Revision, parent: Revision) -> None:
    """Give ``revision`` the locks of ``parent`` for the functions that ask for the same as there."""
    scenario, before = revision.scenario, parent.scenario
    for name, text in locks_of(parent).items():
        if name in scenario.functions and _asked(scenario, name) == _asked(before, name) is not None:
            DependencyLock.objects.get_or_create(revision=revision, function=name, defaults={"text": text})


def _asked(scenario: Scenario, name: str) -> tuple[str, str, str] | None:
    wanted = scenario.requirements(name)
    return None if wanted is None else (wanted.index, wanted.release, wanted.manifest)
