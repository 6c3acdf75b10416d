"""Which runtimes the image has.

All of them, unless ``HOLDOVER_RUNTIMES`` names some, with commas. Compiling a client takes most of the time that an
image takes, so a first start makes one with the default runtime alone, plays on it, and makes the whole meanwhile.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.runtimes.registry import CHOICE, DEFAULT, IDENTIFIERS, RUNTIMES

if TYPE_CHECKING:
    from sandbox_runner.runtimes.model import Runtime

VARIABLE: Final = "HOLDOVER_RUNTIMES"


def selected() -> tuple[Runtime, ...]:
    """The runtimes of this machine's image, in the registry's order.

    :raises BackendUnavailable: the variable names one that there is not.
    """
    named = {name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()}
    if unknown := sorted(named.difference(IDENTIFIERS)):
        raise BackendUnavailable(f"{VARIABLE} names {', '.join(unknown)}; the image can have {CHOICE}")
    return tuple(runtime for runtime in RUNTIMES if not named or runtime.identifier in named)


def selected_identifiers() -> tuple[str, ...]:
    """How a configuration names them."""
    return tuple(runtime.identifier for runtime in selected())


def first() -> Runtime:
    """The one of them that a new installation has first: the default where it is among them."""
    return DEFAULT if DEFAULT in selected() else selected()[0]
