"""``nodejs20.x``, with the client of ``nodejs22.x``."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import node, node_sdk

RUNTIME: Final = node.release("20", node="20.18.0", client="3.3.0", sdk=node_sdk.PACKAGES, on_demand=True)
