"""Which free environment serves a request, and which free ones are shut down. Pure.

AWS does not document which of several free environments it picks, nor how long an unused one lives. The most recently
used one is the usual assumption, and lets the others age; a scenario may ask for the opposite, and for an idle time
after which an environment is shut down.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html, and for provisioned environments
https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Placement: TypeAlias = Literal["most-recently-used", "least-recently-used"]


class Free(Protocol):
    """A free environment. ``turn`` increases with every use across the whole service; 0 has never served a request.

    ``free_since_us`` is service time.
    """

    turn: int
    free_since_us: int

    @property
    def provisioned(self) -> bool:
        """Whether it is kept ready permanently, not only while it is used."""
        ...


_F = TypeVar("_F", bound=Free)


def choose(free: Sequence[_F], how: Placement) -> _F | None:
    """Choose the one for the next request; on-demand environments serve only what provisioned ones cannot."""
    if not free:
        return None
    if how == "most-recently-used":
        return max(free, key=lambda each: (each.provisioned, each.turn))
    return min(free, key=lambda each: (not each.provisioned, each.turn))


def longest_unused(free: Sequence[_F]) -> _F | None:
    """The least recently used environment, which a recycle of one shuts down; never-used ones come first."""
    return min(free, key=lambda each: each.turn, default=None)


def spun_down(free: Sequence[_F], now_us: int, after_us: int) -> list[_F]:
    """Environments whose idle time has expired, except provisioned ones."""
    return [each for each in free if not each.provisioned and now_us - each.free_since_us >= after_us]


def next_spin_down_us(free: Sequence[_F], after_us: int) -> int | None:
    """The service time at which the next idle time expires."""
    return min((each.free_since_us + after_us for each in free if not each.provisioned), default=None)
