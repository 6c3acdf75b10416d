"""Who comes to a session from outside: requests and wishes, from any thread, for the player on the engine's."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from sandbox_runner.live.callers import CallersBy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.live.http import HttpRequest, Told

Wished = Literal["extend", "end", "freeze", "recycle", "prepare", "crash", "timeout"]
"""More time, the end, a step that no request is (a long wait, the end of every environment, one made ahead), or what
happens in place of the next answer.
"""
WISHES: Final[tuple[Wished, ...]] = get_args(Wished)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request; ``answer`` is told its answer and, if that is not whole, its parts.

    It is called on the engine's thread, and must not block. ``caller`` is whom it is made for, empty where nobody said.
    """

    request: HttpRequest
    answer: Callable[[Told], object]
    caller: str = ""


Came: TypeAlias = Visit | Wished | CallersBy
"""What comes to a session: a request, a wish, or the rule by which callers are told apart from now on."""


class Visitors:
    """What came to a session and waits for its player.

    :param idle_s: seconds without a request after which the session ends.
    :param total_s: seconds that it lasts, unless it is extended.
    :param at_most_s: seconds that it lasts however often it is extended.
    """

    def __init__(self, *, idle_s: float, total_s: float, at_most_s: float) -> None:
        self.idle_s = idle_s
        self.total_s = total_s
        self.at_most_s = at_most_s
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._came: deque[Came] = deque()
        self._wake: Callable[[], object] | None = None

    def come(self, what: Came) -> bool:
        """Hand it to the player; False if the session takes nothing any more."""
        with self._lock:
            if self.over.is_set():
                return False
            self._came.append(what)
            if self._wake is not None:
                self._wake()
        return True

    def close(self) -> tuple[Visit, ...]:
        """Take nothing any more; returns the visits that the player has not seen."""
        with self._lock:
            self.over.set()
            left = tuple(each for each in self._came if isinstance(each, Visit))
            self._came.clear()
        return left

    async def next(self) -> Came:
        """The next that comes; for one player at a time."""
        news, loop = asyncio.Event(), asyncio.get_running_loop()
        with self._lock:
            self._wake = lambda: loop.call_soon_threadsafe(news.set)
        while (found := self._taken()) is None:
            await news.wait()
            news.clear()
        return found

    def _taken(self) -> Came | None:
        with self._lock:
            return self._came.popleft() if self._came else None
