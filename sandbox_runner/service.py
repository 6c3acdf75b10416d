"""The emulated Lambda service: which environment a request goes to, when one is made and when one is ended."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, TypeVar

from sandbox_runner import identity, limits
from sandbox_runner.backends.base import Backend, Sandbox, SandboxSpec
from sandbox_runner.environment import Attempt, Environment
from sandbox_runner.events import EndedBy, EnvironmentCreated, RequestArrived, RequestAssigned, ServiceWaited, StartKind
from sandbox_runner.guest_link import GuestLink
from sandbox_runner.output_record import LogAllowance

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sandbox_runner.clock import Clock
    from sandbox_runner.event_log import EventLog
    from sandbox_runner.scenario import Function

_T = TypeVar("_T")


class LambdaService:
    """Serves one function from as many environments as its requests need.

    An environment serves one request at a time. A request goes to the free environment that was used last, or to a
    new one where none is free; which of several the real service takes is not documented.
    """

    def __init__(self, function: Function, backend: Backend, log: EventLog, clock: Clock, *, owner: str) -> None:
        self._function = function
        self._backend = backend
        self._log = log
        self._clock = clock
        self._spec = SandboxSpec(owner=owner, memory_mb=function.memory_mb, tmp_mb=function.tmp_mb)
        self._allowance = LogAllowance()
        self._free: list[Environment] = []
        self._alive: list[Environment] = []
        self._created = 0

    async def invoke(self, index: int, principal: str, payload: str) -> None:
        """Serve one request, from its arrival until its environment is free again.

        :param payload: the JSON text that the handler gets.
        :raises OurFailure: no sandbox could be made, or one failed.
        """
        request_id = str(uuid.uuid4())
        data = payload.encode()
        arrived = RequestArrived(index=index, principal=principal, payload=_kept(payload), payload_bytes=len(data))
        self._log.append(arrived, request_id=request_id)
        attempt = Attempt(
            index=index,
            request_id=request_id,
            invocation_id=str(uuid.uuid4()),
            payload=data,
            trace=identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex),
        )
        environment = await self._place(attempt)
        await environment.invoke(attempt)
        self._free.append(environment)

    async def wait(self, seconds: float, *, real_s_max: float = limits.IDLE_REAL_S_MAX) -> None:
        """Let that much service time pass; environments stay frozen.

        :param real_s_max: a longer wait is compressed: a moment of it is lived through, the service's clock jumps.
        """
        run_seconds = seconds if seconds <= real_s_max else min(real_s_max, limits.IDLE_COMPRESSED_S)
        await self._clock.sleep(run_seconds)
        if run_seconds < seconds:
            self._log.skip(seconds - run_seconds)
        self._log.append(ServiceWaited(seconds=seconds, run_seconds=run_seconds, why="idle"))

    async def recycle(self, reason: EndedBy = "spindown") -> None:
        """End every free environment by the rules."""
        while self._free:
            environment = self._free.pop(0)
            await environment.shutdown(reason)
            self._alive.remove(environment)

    async def destroy(self) -> None:
        """End every environment whatever it is doing; nothing is left when this returns, cancelled or not."""
        environments, self._alive, self._free = self._alive, [], []
        await undisturbed(_destroy_all(environments))

    async def _place(self, attempt: Attempt) -> Environment:
        if self._free:
            environment = self._free.pop()
            self._assign(attempt, environment.name, environment.next_start())
            return environment
        self._created += 1
        name = f"env-{self._created}"
        self._assign(attempt, name, "cold")
        environment = await self._create(name)
        await environment.initialize()
        return environment

    def _assign(self, attempt: Attempt, environment: str, start: StartKind) -> None:
        record = RequestAssigned(index=attempt.index, attempt=attempt.number, start=start)
        self._log.append(record, environment=environment, request_id=attempt.request_id)

    async def _create(self, name: str) -> Environment:
        stream = identity.log_stream(self._clock.epoch_ms(), uuid.uuid4().hex)
        created = EnvironmentCreated(initialization="on-demand", created_by="request", log_stream=stream)
        self._log.append(created, environment=name)
        sandbox = await start_sandbox(self._backend, self._spec)
        link = GuestLink(sandbox, self._clock)
        environment = Environment(
            name, self._function, link, self._log, self._clock, stream=stream, allowance=self._allowance
        )
        self._alive.append(environment)
        return environment


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


async def _destroy_started(starting: asyncio.Future[Sandbox]) -> None:
    (outcome,) = await asyncio.gather(starting, return_exceptions=True)
    if not isinstance(outcome, BaseException):
        await outcome.destroy()


async def _destroy_all(environments: list[Environment]) -> None:
    outcomes = await asyncio.gather(*(each.destroy() for each in environments), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def _kept(payload: str) -> str:
    return payload if len(payload) <= limits.RESULT_ANSWER_BYTES_MAX else payload[: limits.RESULT_ANSWER_BYTES_MAX]
