"""Starting and ending sandboxes so that none is lost, however what awaits it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterable

    from sandbox_runner.backends.base import Backend, Sandbox, SandboxSpec

_T = TypeVar("_T")


async def start_sandbox(backend: Backend, spec: SandboxSpec) -> Sandbox:
    """A new sandbox; if the caller is cancelled while it starts, it is ended before the cancellation goes on."""
    starting = asyncio.ensure_future(backend.start(spec))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await undisturbed(_destroy_started(starting))
        raise


async def undisturbed(work: Awaitable[_T]) -> _T:
    """Await ``work`` to its end even if the caller is cancelled meanwhile, and only then be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as cancellation:
            cancelled = cancellation
        except Exception:  # noqa: BLE001, S110 - the task keeps its error; result() below raises it
            pass
    result = task.result()
    if cancelled is not None:
        raise cancelled
    return result


async def together(works: Iterable[Coroutine[None, None, object]]) -> None:
    """Await all of ``works`` at once; the first that fails cancels the others, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def cancel_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel ``tasks`` and wait until nothing of them runs; what they would have raised is of no interest any more."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def _destroy_started(starting: asyncio.Future[Sandbox]) -> None:
    (outcome,) = await asyncio.gather(starting, return_exceptions=True)
    if not isinstance(outcome, BaseException):
        await outcome.destroy()
