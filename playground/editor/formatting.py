"""Python formatted by ruff, for whoever asks for it: a process of its own, bounded in input, memory and time.

What it reads is only parsed and printed, never run. JavaScript, TypeScript and JSON are formatted in the browser.
"""

from __future__ import annotations

import re
import resource
import subprocess
from threading import BoundedSemaphore
from typing import Final

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # ships no types

from playground.i18n.marking import _
from sandbox_runner import limits

TEXT_BYTES_MAX: Final = limits.FILE_BYTES_MAX
"""The longest text that is formatted: as long as a file of a scenario may be."""
_SECONDS_MAX: Final = 10
_PROCESSOR_S_MAX: Final = 3
_MEMORY_BYTES_MAX: Final = 2_048 * limits.MB
# Formatted by this process at the same time; who comes then is asked to try again.
_AT_ONCE: Final = BoundedSemaphore(2)
_PARSED: Final = re.compile(r"error: Failed to parse [^:\n]+:(\d{1,9}):(\d{1,9}): ([^\n]{1,300})")


class NotFormattedError(Exception):
    """``why`` is a sentence without its full stop; ``line`` and ``column`` count from 1, 0 where it is at none."""

    def __init__(self, why: str, line: int = 0, column: int = 0) -> None:
        super().__init__(why)
        self.why, self.line, self.column = why, line, column


def formatted_python(text: str) -> str:
    """The same program as ruff writes it. Blocks.

    :raises NotFormattedError: it is none, or too much.
    """
    written = text.encode("utf-8", "replace")
    if len(written) > TEXT_BYTES_MAX:
        most = f"{TEXT_BYTES_MAX:,}"
        raise NotFormattedError(_("At most %(most)s bytes can be formatted") % {"most": most})
    if not _AT_ONCE.acquire(blocking=False):
        raise NotFormattedError(_("Others are formatting right now; try again"))
    try:
        return _by_ruff(written)
    finally:
        _AT_ONCE.release()


def _by_ruff(written: bytes) -> str:
    # Neither a configuration of this machine nor its cache says how; one thread will do for one file.
    command = [find_ruff_bin(), "format", "--isolated", "--no-cache", "--stdin-filename", "file.py", "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"RAYON_NUM_THREADS": "1", "NO_COLOR": "1"},
    ) as ruff:
        resource.prlimit(ruff.pid, resource.RLIMIT_CPU, (_PROCESSOR_S_MAX, _PROCESSOR_S_MAX))
        resource.prlimit(ruff.pid, resource.RLIMIT_AS, (_MEMORY_BYTES_MAX, _MEMORY_BYTES_MAX))
        try:
            out, said = ruff.communicate(written, timeout=_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            ruff.kill()
            raise NotFormattedError(_("Formatting took too long")) from None
    if ruff.returncode == 0:
        return out.decode("utf-8", "replace")
    found = _PARSED.search(said.decode("utf-8", "replace"))
    if found is None:
        raise NotFormattedError(_("This cannot be formatted"))
    raise NotFormattedError(found[3], int(found[1]), int(found[2]))
