"""``python3.13``."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import python

RUNTIME: Final = python.release(
    "3.13", ("awslambdaric==4.2.2", "simplejson==4.3.0", "snapshot-restore-py==1.0.0"), is_default=True
)
