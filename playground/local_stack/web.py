"""The web process of one machine: ``python -m playground.local_stack.web 5`` serves at the socket of descriptor 5.

Uvicorn's own ``--fd`` takes every descriptor for a Unix socket, so that asyncio leaves Nagle's algorithm on.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

import uvicorn

from playground.config.environment import read
from playground.infrastructure.deadlines import DeadlineProtocol

_SHUTDOWN_S: Final = 2


def main(descriptor: int) -> None:
    """Serve until SIGTERM."""
    trusted = read(os.environ).trusted_proxies
    config = uvicorn.Config(
        "playground.asgi:application",
        lifespan="off",
        log_level="warning",
        access_log=False,
        http=DeadlineProtocol,
        # Unless a proxy is named, nobody is believed about whom a request comes from.
        proxy_headers=bool(trusted),
        forwarded_allow_ips=list(trusted),
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    with socket.socket(fileno=descriptor) as listening:
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(int(sys.argv[1]))
