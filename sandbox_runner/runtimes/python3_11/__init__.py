"""``python3.11``, on the release of Debian that has this Python."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import python, python_sdk

RUNTIME: Final = python.release("3.11", python.CLIENT, python_sdk.WHEELS, suite="bookworm", on_demand=True)
