"""The web process of one machine: ``python -m playground.local_stack.web 5`` serves at the socket of descriptor 5.

Uvicorn's own ``--fd`` takes every descriptor for a Unix socket, so that asyncio leaves Nagle's algorithm on.
"""

from __future__ import annotations

import socket
import sys
from typing import Final

import uvicorn

_SHUTDOWN_S: Final = 2


def main(descriptor: int) -> None:
    """Serve until SIGTERM."""
    config = uvicorn.Config(
        "playground.asgi:application",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    with socket.socket(fileno=descriptor) as listening:
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(int(sys.argv[1]))
