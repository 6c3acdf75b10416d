"""Starts and ends sandboxes without losing any, even if the caller is cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from sandbox_runner.backends.base import Backend, Sandbox, SandboxSpec

    SeeTo = Callable[[Coroutine[None, None, None]], None]

_T = TypeVar("_T")


async def start_sandbox(backend: Backend, spec: SandboxSpec) -> Sandbox:
    """Start a sandbox; if the caller is cancelled meanwhile, end the sandbox before the cancellation continues."""
    starting = asyncio.ensure_future(backend.start(spec))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await undisturbed(_destroy_started(starting))
        raise


async def undisturbed(work: Awaitable[_T]) -> _T:
    """Await ``work`` to its end even if the caller is cancelled meanwhile; the cancellation follows."""
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


async def seen_to(work: Coroutine[None, None, None], see_to: SeeTo | None) -> None:
    """Have ``see_to`` do ``work``; without it, do it here, undisturbed."""
    if see_to is None:
        await undisturbed(work)
    else:
        see_to(work)


async def together(works: Iterable[Coroutine[None, None, object]]) -> None:
    """Await ``works`` concurrently; the first failure cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` and wait until all have ended, ignoring their exceptions."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def _destroy_started(starting: asyncio.Future[Sandbox]) -> None:
    (outcome,) = await asyncio.gather(starting, return_exceptions=True)
    if not isinstance(outcome, BaseException):
        await outcome.destroy()
