"""The versions of the system below the runtimes; each runtime's own stand in its folder of ``runtimes/``."""

from __future__ import annotations

from typing import Final

SUITE: Final = "trixie"
"""Debian's name for the release that the sandbox's own file system comes from."""

PUBLIC_BASE: Final = "debian:trixie-slim"
"""The base where an image registry answers; elsewhere one of the same suite is made here."""

PYTHON: Final = "3.13"
"""The suite's Python; its patch level is read inside the image while it is built."""

UV: Final = "0.13.9"
"""What locks and installs the packages of Python functions, in build sandboxes."""
