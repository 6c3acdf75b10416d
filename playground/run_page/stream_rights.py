"""Asks again and again, while a stream is open, whether its reader may still read it.

An experiment that is open to anybody is looked at once for all its watchers. Only where it is not, each reader is
asked for: whether they are still signed in, still a member, their token still valid.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.db import connection

from playground.experiments import selectors
from playground.experiments.viewer import STRANGER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playground.experiments.viewer import Viewer
    from playground.runs.following import Followed

# An answer is at most this old when it is used, and asked for after as long again: a right that ended ends its streams
# within twice that and a query.
ASK_EVERY_S: Final = 0.75


async def while_allowed(
    messages: AsyncIterator[str], followed: Followed, run_id: str, reader: Callable[[], Viewer]
) -> AsyncIterator[str]:
    """``messages``, up to the moment when the reader may not open that run any more.

    :param reader: tells who reads, asked anew each time; called on a thread, may ask the database.
    """
    lost = asyncio.ensure_future(_lost(followed, run_id, reader))
    coming: asyncio.Future[str] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(messages))
            await asyncio.wait({coming, lost}, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                return
            yield coming.result()
    except StopAsyncIteration:
        return
    finally:
        await _cancelled(lost)
        if coming is not None:
            await _cancelled(coming)


async def _cancelled(task: asyncio.Future[Any]) -> None:
    """End ``task``, whatever it ends with."""
    task.cancel()
    await asyncio.wait([task])
    with suppress(asyncio.CancelledError, Exception):
        task.result()


async def _lost(followed: Followed, run_id: str, reader: Callable[[], Viewer]) -> None:
    """Return once the reader may not open it."""
    while True:
        await asyncio.sleep(ASK_EVERY_S)
        if not await _is_open_to_anybody(followed, run_id) and not await _asked(run_id, reader):
            return


async def _is_open_to_anybody(followed: Followed, run_id: str) -> bool:
    """The answer that all watchers share, not older than :data:`ASK_EVERY_S`."""
    asked_s, answer = followed.shared.get("open to anybody", (0.0, None))
    if answer is None or time.monotonic() - asked_s > ASK_EVERY_S:
        answer = asyncio.ensure_future(_asked(run_id, lambda: STRANGER))
        followed.shared["open to anybody"] = time.monotonic(), answer
    # Whoever leaves meanwhile takes it from nobody.
    return bool(await asyncio.shield(answer))


@sync_to_async(thread_sensitive=False)
def _asked(run_id: str, reader: Callable[[], Viewer]) -> bool:
    """Whether the reader may open that run now; while the database is away nobody's right changes."""
    try:
        return selectors.may_open_run(run_id, reader())
    except DatabaseError:
        return True
    finally:
        connection.close()
