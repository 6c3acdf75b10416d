"""File descriptors: every open stream uses one, and some must be left for everything else."""

from __future__ import annotations

import resource
import sys
from typing import Final

# For pages in progress, connections to database and broker, files.
KEPT: Final = 256


def make_room(streams: int) -> None:
    """Raise this process's limit, which a shell often sets to 1,024, up to ``wanted`` if allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised(soft, hard, streams + KEPT), hard))


def raised(soft: int, hard: int, wanted: int) -> int:
    """The limit to set for ``wanted`` descriptors: never lower than now, never above the maximum. Pure."""
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def left_for_streams() -> int:
    """How many streams fit into this process's limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(soft - KEPT, 0)
