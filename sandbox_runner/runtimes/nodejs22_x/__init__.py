"""``nodejs22.x``. Client 3.3.0 reports an unhandled rejection and exits 128, as this runtime does."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import node

RUNTIME: Final = node.release("22", node="22.20.0", client="3.3.0")
