"""``python3.14``, on the release of Debian that has this Python."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import python, python_sdk

RUNTIME: Final = python.release("3.14", python.CLIENT, python_sdk.WHEELS, suite="forky", on_demand=True)
