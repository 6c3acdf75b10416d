"""``nodejs22.x``. Client 3.3.0 reports an unhandled rejection and exits 128, as this runtime does.

What is turned off, and how a function turns it on again: the table "Experimental Node.js features" of
https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html.
"""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import node, node_sdk

RUNTIME: Final = node.release(
    "22",
    node="22.20.0",
    client="3.3.0",
    sdk=node_sdk.PACKAGES,
    disabled=(
        ("--no-experimental-require-module", "--experimental-require-module"),
        ("--no-experimental-detect-module", "--experimental-detect-module"),
    ),
)
