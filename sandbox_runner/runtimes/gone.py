"""A runtime of Lambda's in a language that was here once: as much as it takes to show what was kept of it. Pure.

Nothing of its code is read, and nothing plays it: there is nothing that its image could be made from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox_runner.runtimes import own

if TYPE_CHECKING:
    from sandbox_runner.runtimes.managed import ManagedRuntime
    from sandbox_runner.runtimes.model import Runtime


def gone(one: ManagedRuntime) -> Runtime:
    """What is left of it."""
    language = replace(own.LANGUAGE, key=one.family, label=one.label, logged_name=one.family)
    return replace(own.release(""), identifier=one.identifier, language=language, on_demand=True)
