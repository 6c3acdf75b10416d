"""Attributes lines and effects to the earlier request that started the work; with the probe only.

The probe knows the request that each thread, timer and promise of the runtime's own process belongs to, and all lines
that this process wrote. Everything else in the pipes was written by a child. Which child cannot be determined, so such
a line is attributed to the request that started the oldest child existing before the invocation.

Source: proc(5), `/proc/pid/stat`, for a process's start time.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .probe_frames import probe_object
from .processes import process_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A row: the id of the request that started it (empty: module code), the kind of work, the line; or, with a fourth part
# that says whether it was done to a file or a peer, an effect.
Row = list[str]

EFFECTS: Final = frozenset({"file", "peer"})
KINDS: Final = frozenset({"thread", "timer", "child", "promise", "unknown"})
ROWS_MAX: Final = 200
CHARACTERS_MAX: Final = 1024
_LINES_MAX: Final = 500
# The index of the start time in /proc/pid/stat, counted from the field after the name.
_STARTED_AT: Final = 19


class LateWrites:
    """Follows one runtime process through its invocations. ``runtime`` is passed each time: a reset changes it."""

    def __init__(self) -> None:
        # The request during which each child was first seen, oldest child first.
        self._children: dict[tuple[str, str], str] = {}

    def rows(self, frame: bytes, lines: Sequence[str], request_id: str, runtime: str) -> list[Row]:
        """The late lines of the invocation that was just frozen.

        :param frame: the probe's frame, of which only the form is trusted.
        :param lines: everything from the pipes.
        :param runtime: the process id of the runtime.
        """
        said = probe_object(frame)
        rows = [row for row in _list(said.get("late")) if is_row(row)]
        elder = next(iter(self._children.values()), None)
        if elder is not None:
            rows += [[elder, "child", line] for line in unclaimed(lines, _list(said.get("written")))]
        self._look(request_id, runtime)
        return [[row[0][:64], row[1], row[2][:CHARACTERS_MAX], *row[3:]] for row in rows[:ROWS_MAX]]

    def _look(self, request_id: str, runtime: str) -> None:
        there = {(pid, started) for pid in process_ids() if pid != runtime and (started := started_at(pid))}
        seen = {child: since for child, since in self._children.items() if child in there}
        self._children = seen | dict.fromkeys(sorted(there - seen.keys()), request_id)


def unclaimed(lines: Iterable[str], written: Iterable[Any]) -> list[str]:
    """The lines not written by the runtime's process, with repetitions."""
    claimed = Counter(line for line in written if isinstance(line, str))
    left: list[str] = []
    for key in (part[:CHARACTERS_MAX] for line in lines for part in line.split("\n")):
        if claimed[key]:
            claimed[key] -= 1
        elif key and len(left) < _LINES_MAX:
            left.append(key)
    return left


def is_row(row: object) -> bool:
    """Whether it has the form of a :data:`Row`."""
    if not isinstance(row, list) or len(row) not in (3, 4) or any(type(part) is not str for part in row):
        return False
    return row[1] in KINDS and (len(row) == 3 or row[3] in EFFECTS)


def started_at(pid: str) -> str:
    """A process's start time, in the kernel's units; empty if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    fields = text[text.rfind(b")") + 2 :].split()
    return fields[_STARTED_AT].decode() if len(fields) > _STARTED_AT else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
