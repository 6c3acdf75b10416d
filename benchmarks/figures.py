"""What is made of measurements: percentiles, ratios and lines for a person. Pure.

A machine's speed drifts, so two things are compared by playing them in turns, a block of each at a time, and the
ratio is the median over the pairs of neighbouring blocks.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing measured: its samples in milliseconds, block by block."""

    name: str
    blocks: tuple[tuple[float, ...], ...]

    def percentile(self, share: float) -> float:
        """The sample below which ``share`` (0 to 1) of all samples are."""
        samples = sorted(sample for block in self.blocks for sample in block)
        return samples[min(len(samples) - 1, int(share * len(samples)))]

    @property
    def count(self) -> int:
        """How many samples there are."""
        return sum(map(len, self.blocks))

    def line(self) -> str:
        """The figures for a person."""
        p50, p95, p99 = (self.percentile(share) for share in (0.5, 0.95, 0.99))
        return f"  {self.name:<58} {p50:9.3f} {p95:9.3f} {p99:9.3f} ms   n={self.count}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much slower ``ours`` is than ``theirs``, block by neighbouring block."""

    ours: Measured
    theirs: Measured

    @property
    def value(self) -> float:
        """Median over the blocks of the ratio of their medians."""
        pairs = zip(self.ours.blocks, self.theirs.blocks, strict=True)
        return statistics.median(statistics.median(ours) / statistics.median(theirs) for ours, theirs in pairs)

    def line(self, goal: float | None = None) -> str:
        """The ratio for a person, with the goal it was to meet."""
        said = "" if goal is None else f"   goal ≤ {goal:g}: {'met' if self.value <= goal else 'MISSED'}"
        return f"  {self.ours.name} / {self.theirs.name} = {self.value:.2f}{said}"


def milliseconds(name: str, blocks_us: Sequence[Sequence[float]]) -> Measured:
    """Measurements that were taken in microseconds."""
    return Measured(name, tuple(tuple(sample / 1000 for sample in block) for block in blocks_us))


def heading(title: str) -> str:
    """The first line of a part, with the columns' names."""
    return f"\n{title}\n  {'':<58} {'p50':>9} {'p95':>9} {'p99':>9}"
