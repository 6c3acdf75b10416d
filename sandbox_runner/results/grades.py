"""Verdicts in order of severity, and which of them fail a gate. Pure."""

from __future__ import annotations

from typing import Final

from sandbox_runner.results.model import Verdict

# From the most to the least serious; a gate names the least serious verdict that fails.
GRADES: Final = (Verdict.LEAK, Verdict.HISTORY_DEPENDENT, Verdict.RETAINED)


def failing(fail_on: str | None) -> tuple[Verdict, ...]:
    """``fail_on`` and every more serious verdict; none if it is ``None``."""
    return GRADES[: GRADES.index(Verdict(fail_on)) + 1] if fail_on else ()
