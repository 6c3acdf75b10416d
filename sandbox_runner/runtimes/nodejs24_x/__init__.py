"""``nodejs24.x``. Client 4.0.2 reports an unhandled rejection and exits 1, as this runtime does."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import node, node_sdk

RUNTIME: Final = node.release("24", node="24.19.0", client="4.0.2", sdk=node_sdk.PACKAGES, takes_callbacks=False)
