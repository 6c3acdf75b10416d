"""What the supervisor does to itself before anything else: nobody inside may read, trace or speak for it.

Source: prctl(2), sigaction(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_SA_NOCLDSTOP: Final = 1
# Larger than any platform's struct sigaction; where the flags are in it, on 64-bit Linux with glibc.
_SIGACTION_BYTES: Final = 512
_FLAGS_AT: Final = 136


def hide_from_peers() -> None:
    """Make this process's memory, environment and descriptors unreadable under ``/proc``, also for its own uid."""
    _prctl(_PR_SET_DUMPABLE, 0)


def give_up_privileges() -> None:
    """No program started from here on gains a privilege through its file."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def default_signals() -> None:
    """No handler for what a terminal or an engine may send: process 1 is immune to a signal it has no handler for.

    Never SIG_IGN: the function's processes would inherit it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ignore_stopped_children() -> None:
    """Be told of children that end, not of those that stop or go on, which each freeze and thaw would cause.

    To be called after the handler of SIGCHLD is in place. Where it does not work there is only more to wake up for.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    action = ctypes.create_string_buffer(_SIGACTION_BYTES)
    if ctypes.sizeof(ctypes.c_void_p) != 8 or libc.sigaction(signal.SIGCHLD, None, action) != 0:
        return
    flags = ctypes.c_int.from_buffer(action, _FLAGS_AT)
    flags.value |= _SA_NOCLDSTOP
    libc.sigaction(signal.SIGCHLD, action, None)


def take_wire() -> tuple[int, int]:
    """Move the wire away from descriptors 0 and 1, uninheritable; what is left there leads nowhere.

    :returns: where to read from the host and where to write to it.
    """
    source, target = os.dup(0), os.dup(1)
    nowhere = os.open("/dev/null", os.O_RDWR)
    os.dup2(nowhere, 0, inheritable=False)
    os.dup2(nowhere, 1, inheritable=False)
    os.close(nowhere)
    for descriptor in (source, target):
        os.set_blocking(descriptor, False)
    return source, target


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")
