"""Runs the supervisor as process 1 of a sandbox. In: host messages on stdin. Out: guest messages on stdout."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from pathlib import Path

from . import hardening
from .apis.runtime import HOST, PORT
from .clock import now_us
from .function.processes import limit_resources
from .host_link import HostLink
from .manifest import read_manifest
from .network import loopback
from .supervisor import Supervisor
from .wire import WIRE_VERSION, Fault, Hello


def main() -> None:
    """Run until the host orders a shutdown or disconnects."""
    if os.getpid() != 1:
        sys.exit("the supervisor runs only as process 1 of a sandbox")
    hardening.hide_from_peers()
    hardening.give_up_privileges()
    hardening.default_signals()
    limit_resources()
    os.umask(0o022)
    os.chdir("/")
    asyncio.run(_supervise(*hardening.take_wire()))


async def _supervise(source: int, target: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    runtimes = read_manifest()
    supervisor = Supervisor(runtimes, on_end=ended.set)
    supervisor.link = link = HostLink(
        source, target, on_message=supervisor.obey, on_room=supervisor.host_has_room, on_gone=supervisor.host_gone
    )
    loop.set_exception_handler(lambda _, context: link.send(Fault(str(context.get("exception") or context["message"]))))
    loop.add_signal_handler(signal.SIGCHLD, supervisor.children_ended)
    hardening.ignore_stopped_children()
    loopback.bring_loopback_up()
    await supervisor.api.serve(socket.create_server((HOST, PORT), backlog=128))
    # Objects loaded by now are permanent: garbage collection skips them, and forks need not copy them.
    gc.collect()
    gc.freeze()
    gc.enable()
    versions = {name: dict(runtime.versions) for name, runtime in runtimes.items()}
    link.send(Hello(WIRE_VERSION, _boot_id(), now_us(), versions))
    await ended.wait()
    link.finish()


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


if __name__ == "__main__":
    main()
