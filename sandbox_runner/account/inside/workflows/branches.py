"""A way through the states of an execution, and by which rules a state that failed goes on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .functions import CHANCE
from .problems import DATA_LIMIT, RUNTIME, StateError

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND_MS = 1_000
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: an execution lasts a year at most.
WAIT_S_MAX = 366 * 24 * 3_600
_ALWAYS_FATAL = frozenset({RUNTIME, DATA_LIMIT})
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
ATTEMPTS = 3
_INTERVAL_S, _RATE = 1, 2.0


@dataclass(eq=False)
class Branch:
    """A way through states: the execution's own, one of a Parallel state, or that of one item of a Map state.

    ``due_ms`` is when it goes on by itself, to do ``then``; ``task`` is the number of what it waits for.
    """

    states: dict[str, Any]
    at: str
    data: Any
    parent: Branch | None = None
    number: int = 0
    item: dict[str, Any] | None = None
    entered_ms: int = 0
    retries: dict[int, int] = field(default_factory=dict)
    due_ms: int | None = None
    then: Callable[[], None] | None = None
    task: int | None = None
    token: str = ""
    last_event: int = 0
    is_over: bool = False
    children: list[Branch] = field(default_factory=list)
    waiting: deque[Branch] = field(default_factory=deque)
    results: list[Any] = field(default_factory=list)

    @property
    def state(self) -> dict[str, Any]:
        """The state that it is at."""
        found: dict[str, Any] = self.states[self.at]
        return found

    @property
    def place(self) -> str:
        """Which branches or items it is inside of: ``0`` or ``2/0``; empty for the execution's own way."""
        above = self.parent.place if self.parent else ""
        return "/".join(filter(None, (above, str(self.number)))) if self.parent else ""


def as_time(ms: int) -> str:
    """A moment as the context object has it."""
    return datetime.fromtimestamp(ms / SECOND_MS, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_meant(rule: dict[str, Any], problem: StateError) -> bool:
    """Whether a retrier or a catcher names the error."""
    names = rule["ErrorEquals"]
    if problem.name in names:
        return True
    if problem.name in _ALWAYS_FATAL:
        return False
    if "States.ALL" in names:
        return True
    return "States.TaskFailed" in names and problem.name != "States.Timeout"


def pause_ms(retrier: dict[str, Any], tried: int) -> int:
    """How long a retrier waits that has tried so often."""
    rate = min(float(retrier.get("BackoffRate", _RATE)), 1e6)
    most_s = min(float(retrier.get("MaxDelaySeconds", WAIT_S_MAX)), WAIT_S_MAX)
    try:
        pause_s = min(float(retrier.get("IntervalSeconds", _INTERVAL_S)) * rate**tried, most_s)
    except OverflowError:
        pause_s = most_s
    if retrier.get("JitterStrategy") == "FULL":
        pause_s = CHANCE.uniform(0, pause_s)
    return round(SECOND_MS * pause_s)
