"""Hardens the supervisor first of all: nobody inside may read, trace or impersonate it.

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
# Larger than any platform's struct sigaction; the offset of the flags in it, on 64-bit Linux with glibc.
_SIGACTION_BYTES: Final = 512
_FLAGS_AT: Final = 136


def hide_from_peers() -> None:
    """Make this process's memory, environment and descriptors unreadable under ``/proc``, even for its own uid."""
    _prctl(_PR_SET_DUMPABLE, 0)


def give_up_privileges() -> None:
    """From here on, no program gains privileges by being executed."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def default_signals() -> None:
    """Reset signals from terminals and engines to their defaults: process 1 is immune to signals without a handler.

    Never SIG_IGN: the function's processes would inherit it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ignore_stopped_children() -> None:
    """Be notified of children that end, but not of those that stop or continue, as each freeze and thaw would cause.

    Call it after the SIGCHLD handler is set. If it does not work, there are only more wake-ups.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    action = ctypes.create_string_buffer(_SIGACTION_BYTES)
    if ctypes.sizeof(ctypes.c_void_p) != 8 or libc.sigaction(signal.SIGCHLD, None, action) != 0:
        return
    flags = ctypes.c_int.from_buffer(action, _FLAGS_AT)
    flags.value |= _SA_NOCLDSTOP
    libc.sigaction(signal.SIGCHLD, action, None)


def take_wire() -> tuple[int, int]:
    """Move the wire away from descriptors 0 and 1, uninheritable; these then lead nowhere.

    :returns: the descriptors to read from the host and to write to it.
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
