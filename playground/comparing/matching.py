"""Matches the requests of two runs: by principal and payload in order, then the remaining ones in order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from playground.text.diffs import alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.text.diffs import Room
    from sandbox_runner.results.model import InvocationResult


@dataclass(frozen=True, slots=True)
class Pair:
    """The same attempt in both runs; ``None`` if one run does not have it."""

    first: InvocationResult | None
    second: InvocationResult | None


Attempts = list["InvocationResult"]


def matched(first: Sequence[InvocationResult], second: Sequence[InvocationResult], room: Room) -> tuple[Pair, ...]:
    """Every attempt of both runs once, in the order of the second run, with the first run's extras in their place."""
    return tuple(
        Pair(one, other)
        for left, right in _requests(_by_request(first), _by_request(second), room)
        for one, other in zip_longest(left, right)
    )


def _by_request(invocations: Sequence[InvocationResult]) -> list[Attempts]:
    found: dict[int, Attempts] = {}
    for one in invocations:
        found.setdefault(one.index, []).append(one)
    return list(found.values())


def _requests(first: Sequence[Attempts], second: Sequence[Attempts], room: Room) -> Iterator[tuple[Attempts, Attempts]]:
    """Match requests of the same principal and payload; between those, of the same principal; then the rest."""
    for same, left, right in _stretches(first, second, room, "principal", "payload"):
        if same:
            yield from zip(left, right, strict=True)
            continue
        for still_same, before, after in _stretches(left, right, room, "principal"):
            if still_same:
                yield from zip(before, after, strict=True)
            else:
                yield from zip_longest(before, after, fillvalue=[])


def _stretches(
    first: Sequence[Attempts], second: Sequence[Attempts], room: Room, *names: str
) -> Iterator[tuple[bool, Sequence[Attempts], Sequence[Attempts]]]:
    before, after = ([_key(one[0], names) for one in side] for side in (first, second))
    blocks, _ = alike(before, after, room)
    for what, left, left_end, right, right_end in blocks:
        yield what == "equal", first[left:left_end], second[right:right_end]


def _key(one: InvocationResult, names: tuple[str, ...]) -> str:
    return "\0".join(getattr(one, name) for name in names)
