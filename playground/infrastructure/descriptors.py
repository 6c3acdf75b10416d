"""File descriptors: each open stream is one, and some have to be left for everything else."""

from __future__ import annotations

import resource
import sys
from typing import Final

# For pages that are being made, connections to database and broker, files.
KEPT: Final = 256


def make_room(streams: int) -> None:
    """Raise this process's limit, which a shell often sets to 1,024, so that it can hold so many; as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised(soft, hard, streams + KEPT), hard))


def raised(soft: int, hard: int, wanted: int) -> int:
    """The limit to set where ``wanted`` descriptors are: never lower than it is, never over what may be. Pure."""
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def left_for_streams() -> int:
    """How many streams this process's limit has room for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(soft - KEPT, 0)
