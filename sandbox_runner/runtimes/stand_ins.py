"""What is said of a runtime that another one stands in for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.messages import say
from sandbox_runner.runtimes.managed import BY_IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.messages import Message


def said_of(stand_ins: Mapping[str, str]) -> tuple[Message, ...]:
    """One message for each runtime that is not here, by the identifier of the runtime that plays it."""
    return tuple(
        say("report-stand-in", runtime=runtime, label=BY_IDENTIFIER[played_on].label)
        for runtime, played_on in stand_ins.items()
    )
