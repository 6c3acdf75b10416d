"""One attempt at one request, as an environment is given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.guest import wire


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one request. ``invocation_id`` is its own, ``trace`` its X-Ray header.

    ``client_context`` is JSON, ``fault`` is the scenario's, both empty without one. ``hear`` is told of each part of a
    streamed answer as it comes.
    """

    index: int
    request_id: str
    invocation_id: str
    payload: bytes
    trace: str
    number: int = 1
    client_context: str = ""
    fault: str = ""
    hear: Callable[[wire.AnswerPart], None] | None = None
