"""What stands below the runtimes; each runtime's own versions, and its suite, are in its folder of ``runtimes/``."""

from __future__ import annotations

from typing import Final

PUBLIC_BASE: Final = "debian:{suite}-slim"
"""The base where an image registry answers; elsewhere one of the same suite is made here."""

PYTHON: Final = "3.13"
"""For which Python wheels are fetched that hold no code of Python's."""

UV: Final = "0.13.9"
"""What locks and installs the packages of Python functions, in build sandboxes."""
