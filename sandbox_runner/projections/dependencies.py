"""Which packages were installed for which function. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.events.records import DependenciesInstalled, DependenciesLocked
from sandbox_runner.results.parts import DependenciesResult, Package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.events.records import Event


def dependencies(events: Iterable[Event]) -> tuple[DependenciesResult, ...]:
    """Each function's packages, in the order in which they were looked for."""
    found: dict[str | None, DependenciesResult] = {}
    for record in (each.record for each in events):
        match record:
            case DependenciesLocked():
                packages = tuple(Package(name=each.name, version=each.version) for each in record.packages)
                found[record.function] = DependenciesResult(
                    function=record.function, file=record.file, packages=packages, lock=record.lock
                )
            case DependenciesInstalled() if record.function in found:
                known = {"bytes": record.bytes, "was_there": record.was_there}
                found[record.function] = found[record.function].model_copy(update=known)
    return tuple(found.values())
