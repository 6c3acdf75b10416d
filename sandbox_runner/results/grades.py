"""Verdicts in the order of their gravity: which of them a gate fails on. Pure."""

from __future__ import annotations

from typing import Final

from sandbox_runner.results.model import Verdict

# From the gravest to the mildest; a gate names the mildest that still fails.
GRADES: Final = (Verdict.LEAK, Verdict.HISTORY_DEPENDENT, Verdict.RETAINED)


def failing(fail_on: str | None) -> tuple[Verdict, ...]:
    """``fail_on`` and what is graver; nothing fails where it is ``None``."""
    return GRADES[: GRADES.index(Verdict(fail_on)) + 1] if fail_on else ()
