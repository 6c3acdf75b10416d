"""Which runtimes an image has.

One image has those that are wanted usually, or those that ``HOLDOVER_RUNTIMES`` names, with commas. Compiling a client
takes most of the time that an image takes, so a first start makes one with the default runtime alone, plays on it, and
makes the whole meanwhile.

The others have an image each, made when a function first needs it. So has whatever is of another suite of Debian's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.runtimes.registry import CHOICE, DEFAULT, IDENTIFIERS, RUNTIMES, runtime_of

if TYPE_CHECKING:
    from sandbox_runner.runtimes.model import Runtime

VARIABLE: Final = "HOLDOVER_RUNTIMES"
COMING: Final = "RUNTIMES_COMING"
"""Set for a worker that starts while the usual image is still made: the runtimes, with commas, that come with it."""


def wanted() -> tuple[Runtime, ...]:
    """The runtimes that this machine has from the start, in the registry's order.

    :raises BackendUnavailable: the variable names one that there is not.
    """
    named = {name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()}
    if unknown := sorted(named.difference(IDENTIFIERS)):
        raise BackendUnavailable(f"{VARIABLE} names {', '.join(unknown)}; the image can have {CHOICE}")
    usual = tuple(runtime for runtime in RUNTIMES if not runtime.on_demand)
    return tuple(runtime for runtime in RUNTIMES if runtime.identifier in named) or usual


def selected() -> tuple[Runtime, ...]:
    """Those of them that are in one image, whose sandboxes are started in advance.

    :raises BackendUnavailable: as :func:`wanted` does.
    """
    return tuple(runtime for runtime in wanted() if runtime.suite == first().suite)


def selected_identifiers() -> tuple[str, ...]:
    """How a configuration names them."""
    return tuple(runtime.identifier for runtime in selected())


def coming_identifiers() -> tuple[str, ...]:
    """The runtimes that come with the image that is being made; none has to be made for itself meanwhile."""
    return tuple(name for name in os.environ.get(COMING, "").split(",") if name)


def first() -> Runtime:
    """The one of them that a new installation has first: the default where it is among them."""
    return DEFAULT if DEFAULT in wanted() else wanted()[0]


def image_of(runtime: Runtime) -> tuple[Runtime, ...]:
    """The runtimes that are in its image."""
    return selected() if runtime in selected() else (runtime,)


def images() -> tuple[tuple[Runtime, ...], ...]:
    """The runtimes of every image that this machine has from the start."""
    return (selected(), *((runtime,) for runtime in wanted() if runtime not in selected()))


def own_image(identifier: str) -> str:
    """``identifier``, where that runtime has an image of its own; else empty."""
    return "" if runtime_of(identifier) in selected() else identifier
