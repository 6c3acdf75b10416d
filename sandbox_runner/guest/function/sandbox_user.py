"""Accesses the function's files with no more rights than the function has.

The supervisor has no capability over other users' files, and must not follow a path that user code could have made:
what uid 993 can reach, user code could reach as well. Either a short-lived child works under that uid: processes of the
function that run meanwhile cannot see into the child, which is hidden from them, but they can stop or kill it. Or,
while everything is frozen and the work is bounded, the supervisor takes on that uid for a moment: a child after each
request would cost the next one a third of a millisecond, for the pages that both would share.

Source: setresuid(2) and credentials(7); real and saved uid stay root's, so nobody may signal or trace it meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import TYPE_CHECKING, NoReturn

from ..hardening import hide_from_peers
from .processes import GID, UID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_READ_BYTES = 256 * 1024


def as_sandbox_user(work: Callable[[], bytes], *, wait_s: float, bytes_max: int) -> bytes | None:
    """The result of ``work``, called in a forked child as the function's user.

    ``None`` if it failed, took longer than ``wait_s`` or returned more than ``bytes_max``; the child is then gone.
    """
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_exit(work, its)
    os.close(its)
    try:
        return _read_all(mine, time.monotonic() + wait_s, bytes_max)
    finally:
        os.close(mine)
        os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


@contextlib.contextmanager
def rights_of_sandbox_user() -> Iterator[None]:
    """Within this block the supervisor has only the function's rights over files. For work that cannot block.

    :raises PermissionError: it is not root.
    """
    group, user = os.getegid(), os.geteuid()
    os.setegid(GID)
    try:
        os.seteuid(UID)
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)


def _work_and_exit(work: Callable[[], bytes], out: int) -> NoReturn:
    """In the child: never returns. The first byte says that the result is complete."""
    try:
        os.setgroups([])
        os.setresgid(GID, GID, GID)
        os.setresuid(UID, UID, UID)
        hide_from_peers()
        view = memoryview(b"\x01" + work())
        while view:
            view = view[os.write(out, view) :]
    finally:
        os._exit(0)


def _read_all(source: int, give_up: float, bytes_max: int) -> bytes | None:
    data = bytearray()
    poll = select.poll()
    poll.register(source, select.POLLIN)
    while poll.poll(max(0.0, give_up - time.monotonic()) * 1000):
        part = os.read(source, _READ_BYTES)
        if not part:
            return bytes(data[1:]) if data else None
        data += part
        if len(data) > bytes_max + 1:
            return None
    return None
