"""Which free environment serves a request, and which free ones are ended. Pure.

The service documents neither which of several free environments it takes nor how long an unused one lives. The one
that was used last is the usual guess, and what lets the others grow old; a scenario may ask for the opposite, and for
an idle time after which an environment is ended.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html, and for provisioned environments
https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Placement: TypeAlias = Literal["most-recently-used", "least-recently-used"]


class Free(Protocol):
    """A free environment. ``turn`` counts up with every use over the whole service; 0 is one that never served.

    ``free_since_us`` is service time.
    """

    turn: int
    free_since_us: int

    @property
    def provisioned(self) -> bool:
        """Whether it is held ready for ever, and not only as long as it is used."""
        ...


_F = TypeVar("_F", bound=Free)


def choose(free: Sequence[_F], how: Placement) -> _F | None:
    """The one that serves the next request; on-demand environments only serve what the provisioned ones cannot."""
    if not free:
        return None
    if how == "most-recently-used":
        return max(free, key=lambda each: (each.provisioned, each.turn))
    return min(free, key=lambda each: (not each.provisioned, each.turn))


def longest_unused(free: Sequence[_F]) -> _F | None:
    """The one that a recycling of one ends; one that never served comes before all others."""
    return min(free, key=lambda each: each.turn, default=None)


def spun_down(free: Sequence[_F], now_us: int, after_us: int) -> list[_F]:
    """Those whose idle time is over; provisioned ones are held."""
    return [each for each in free if not each.provisioned and now_us - each.free_since_us >= after_us]


def next_spin_down_us(free: Sequence[_F], after_us: int) -> int | None:
    """When, in service time, the next idle time is over."""
    return min((each.free_since_us + after_us for each in free if not each.provisioned), default=None)
