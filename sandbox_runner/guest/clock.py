"""The sandbox's clock, which is the host's: both read one kernel's."""

from __future__ import annotations

import time


def now_us() -> int:
    """CLOCK_MONOTONIC, in whole microseconds."""
    return time.monotonic_ns() // 1000
