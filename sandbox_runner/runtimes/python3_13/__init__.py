"""``python3.13``."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import python, python_sdk

RUNTIME: Final = python.release("3.13", python.CLIENT, python_sdk.WHEELS, is_default=True)
