"""Every version that goes into the sandbox image, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SUITE: Final = "trixie"
"""Debian's name for the release that the sandbox's own file system comes from."""

PUBLIC_BASE: Final = "debian:trixie-slim"
"""The base where an image registry answers; elsewhere one of the same suite is made here."""

PYTHON: Final = "3.13"
"""The suite's Python; its patch level is read inside the image while it is built."""

PYTHON_WHEELS: Final = ("awslambdaric==4.2.2", "simplejson==4.3.0", "snapshot-restore-py==1.0.0")
"""The content of the Python runtime's folder: AWS's client and what it imports."""


@dataclass(frozen=True, slots=True)
class NodePins:
    """One Node runtime: its interpreter, its client and the folder names that the client's module search uses."""

    runtime: str
    node: str
    client: str
    modules: str


NODES: Final = (
    NodePins(runtime="nodejs22.x", node="22.20.0", client="3.3.0", modules="node22"),
    NodePins(runtime="nodejs24.x", node="24.19.0", client="4.0.2", modules="node24"),
)
"""Client 3.3.0 reports an unhandled rejection and exits 128 as nodejs22.x does; 4.0.2 exits 1 as nodejs24.x does."""
