"""What is said of a runtime that another one stands in for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.messages import say
from sandbox_runner.runtimes.managed import BY_IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.messages import Message


def label_of(identifier: str) -> str:
    """The name for a person of one of Lambda's runtimes, also of one that is no longer here."""
    known = BY_IDENTIFIER.get(identifier)
    return known.label if known else identifier


def said_of(stand_ins: Mapping[str, str]) -> tuple[Message, ...]:
    """One message for each runtime that is not here, by the identifier of the runtime that plays it."""
    return tuple(
        say("report-stand-in", runtime=runtime, label=label_of(played_on)) for runtime, played_on in stand_ins.items()
    )
