"""Error types as in the service's log. Pure.

Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda/fatalerror/fatalerror.go.
"""

from __future__ import annotations

import os
import re
import signal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Searched for, not matched whole: surrounding text is kept as well, as there.
_KNOWN_FORM: Final = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
# Ours: no real error name is longer, and the text goes into every report.
_CHARACTERS_MAX: Final = 256

EXIT: Final = "Runtime.ExitError"
OUT_OF_MEMORY: Final = "Runtime.OutOfMemory"
INVALID_ENTRY_POINT: Final = "Runtime.InvalidEntrypoint"
INVALID_RESPONSE_MODE: Final = "Runtime.InvalidResponseModeHeader"

# Go's names for signals, which the service writes.
_SIGNALS: Final[Mapping[int, str]] = MappingProxyType(
    {
        signal.SIGHUP: "hangup",
        signal.SIGINT: "interrupt",
        signal.SIGQUIT: "quit",
        signal.SIGILL: "illegal instruction",
        signal.SIGTRAP: "trace/breakpoint trap",
        signal.SIGABRT: "aborted",
        signal.SIGBUS: "bus error",
        signal.SIGFPE: "floating point exception",
        signal.SIGKILL: "killed",
        signal.SIGUSR1: "user defined signal 1",
        signal.SIGSEGV: "segmentation fault",
        signal.SIGUSR2: "user defined signal 2",
        signal.SIGPIPE: "broken pipe",
        signal.SIGALRM: "alarm clock",
        signal.SIGTERM: "terminated",
    }
)


def normalised(header: str) -> str:
    """The error type for a ``Lambda-Runtime-Function-Error-Type`` header, which may contain anything."""
    if _KNOWN_FORM.search(header):
        return header[:_CHARACTERS_MAX]
    return "Function.Unknown" if header.startswith("Function.") else "Runtime.Unknown"


def exit_text(wait_status: int) -> str:
    """How a process ended: ``exit status 1``, ``signal: killed``; empty for exit status 0."""
    if os.WIFSIGNALED(wait_status):
        number = os.WTERMSIG(wait_status)
        dumped = " (core dumped)" if os.WCOREDUMP(wait_status) else ""
        return f"signal: {_SIGNALS.get(number, f'signal {number}')}{dumped}"
    code = os.waitstatus_to_exitcode(wait_status)
    return f"exit status {code}" if code else ""
