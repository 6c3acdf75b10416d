"""Parses the budget of a proof: ``60`` replays, ``10s``, or both as ``60,10s``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sandbox_runner import limits
from sandbox_runner.errors import UsageError

_SECONDS: Final = re.compile(r"\d{1,9}(?:\.\d{1,6})?\Z")
_REPLAYS: Final = re.compile(r"\d{1,9}\Z")
_CURE: Final = "write a number of replays as 60, seconds as 10s, or both as 60,10s"
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class AskedBudget:
    """``None`` is what nobody asked for."""

    seconds: float | None
    replays: int | None


def read_budget(text: str | None) -> AskedBudget:
    """The budget in ``text``.

    :raises UsageError: it is not a budget.
    """
    seconds: float | None = None
    replays: int | None = None
    if text is None:
        return AskedBudget(seconds, replays)
    parts = [part.strip() for part in text.split(",")]
    units = [part.endswith("s") for part in parts]
    if len(parts) != len(set(units)):
        raise UsageError(f"--budget {_shown(text)} says the same thing more than once; {_CURE}")
    for part, in_seconds in zip(parts, units, strict=True):
        if in_seconds:
            seconds = _seconds(part)
        else:
            replays = _replays(part)
    return AskedBudget(seconds, replays)


def _seconds(part: str) -> float:
    number = part.removesuffix("s").strip()
    if not _SECONDS.match(number):
        raise UsageError(f"--budget {_shown(part)} is no number of seconds; {_CURE}")
    if not 0 < float(number) <= limits.PROOF_S_MAX:
        raise UsageError(
            f"--budget {_shown(part)} is out of range; seconds go up to {limits.PROOF_S_MAX:g}s, from above 0"
        )
    return float(number)


def _replays(part: str) -> int:
    if not _REPLAYS.match(part):
        raise UsageError(f"--budget {_shown(part)} is no whole number of replays; {_CURE}")
    if not 0 < int(part) <= limits.PROOF_REPLAYS_MAX:
        most = limits.PROOF_REPLAYS_MAX
        raise UsageError(f"--budget {_shown(part)} is out of range; replays go from 1 to {most}, for none --no-prove")
    return int(part)


def _shown(text: str) -> str:
    return f"{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}" or "(empty)"
