"""Draws the lifecycle from its table: a diagram and the full State x Trigger table, for ``docs/lifecycle.md``.

``python -m sandbox_runner diagram`` rewrites the part of that file between the two markers; a test fails while the file
is stale. Drawing is pure; only :func:`main` accesses the disk.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from sandbox_runner.rules.lifecycle import TRANSITIONS, State, Trigger, next_state

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
BEGIN: Final = "<!-- begin: drawn by `make diagram` from sandbox_runner/rules/lifecycle.py; do not edit -->"
END: Final = "<!-- end: drawn by `make diagram` -->"

_REFUSED: Final = "·"


def mermaid() -> str:
    """The diagram's source in Mermaid's ``stateDiagram-v2``: one arrow for each row of the table."""
    lines = ["stateDiagram-v2", f"    [*] --> {_identifier(State.CREATED)}"]
    lines += [f'    state "{state}" as {_identifier(state)}' for state in State if _identifier(state) != state]
    lines += [
        f"    {_identifier(state)} --> {_identifier(following)}: {trigger}"
        for state, row in TRANSITIONS.items()
        for trigger, following in row.items()
    ]
    lines.append(f"    {_identifier(State.TERMINATED)} --> [*]")
    return "\n".join(lines)


def table() -> str:
    """Every trigger in every state as a Markdown table: the next state, or a dot if it is not allowed."""
    head = ["trigger", *State]
    rows = [[f"`{trigger}`", *(next_state(state, trigger) or _REFUSED for state in State)] for trigger in Trigger]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def redraw(document: str) -> str:
    """``document`` with the part between its markers redrawn.

    :raises ValueError: it does not have each marker once, in order.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError("the document needs the begin marker and the end marker, once each and in this order")
    drawing = f"```mermaid\n{mermaid()}\n```\n\n{table()}"
    return f"{before}{BEGIN}\n\n{drawing}\n\n{END}{after}"


def main() -> int:
    """Rewrite the document if it is stale; returns the exit status."""
    old = DOCUMENT.read_text(encoding="utf-8")
    new = redraw(old)
    if new != old:
        DOCUMENT.write_text(new, encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name}: {'drawn anew' if new != old else 'up to date'}\n")
    return 0


def _identifier(state: State) -> str:
    # Mermaid allows no hyphen in an identifier.
    return state.replace("-", "_")
