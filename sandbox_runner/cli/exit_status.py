"""Exit statuses of ``python -m sandbox_runner`` and ``holdover``, and how commands end with one."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Final, TextIO

from sandbox_runner.errors import HoldoverError
from sandbox_runner.messages import DEFAULT, Language
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

OK: Final = 0
VERDICT: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130


def run_command(
    command: Callable[[TextIO, TextIO], int],
    out: TextIO | None,
    err: TextIO | None,
    *,
    interrupted: str = "",
    language: Language = DEFAULT,
) -> int:
    """Run ``command`` with its output streams; a failure is one sentence on ``err``. Returns the exit status.

    :param out: standard output by default.
    :param err: standard error by default.
    :param interrupted: what to print on an interrupt.
    :param language: the language of the error message.
    """
    out, err = out or _forgiving(sys.stdout), err or _forgiving(sys.stderr)
    try:
        return command(out, err)
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        err.write(interrupted)
        return INTERRUPTED
    except HoldoverError as problem:
        err.write(f"{visible(problem.told(language))}\n")
        return FAILED


def _forgiving(stream: TextIO) -> TextIO:
    """``stream`` with characters outside its encoding escaped instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
