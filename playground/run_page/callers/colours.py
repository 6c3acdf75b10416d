"""A colour for each caller, the same in every part of a page: by the order in which they first ask. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.results.model import InvocationResult

COLOURS: Final = 8
"""How many colours the page has; callers beyond them begin again with the first."""


def caller_colours(invocations: Iterable[InvocationResult]) -> dict[str, int]:
    """The number of each principal's colour, from 1."""
    asked = dict.fromkeys(each.principal for each in sorted(invocations, key=lambda each: each.index))
    return {principal: at % COLOURS + 1 for at, principal in enumerate(asked)}
