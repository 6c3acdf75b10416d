"""``provided.al2023``: a function brings its runtime, and finds the image's system."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import own

RUNTIME: Final = own.release("al2023")
