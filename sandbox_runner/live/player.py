"""Plays what comes to a session from outside: each request is served beside the others, until the session ends."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import limits
from sandbox_runner.environment import identity
from sandbox_runner.environment.task_groups import cancel_all
from sandbox_runner.events.records import SessionEnded, SessionExtended, SessionOpened
from sandbox_runner.live import function_url
from sandbox_runner.live.function_url import Told
from sandbox_runner.live.http import HttpAnswer
from sandbox_runner.live.lived import lived_scenario
from sandbox_runner.live.visitors import Visit
from sandbox_runner.scenario.model import Request
from sandbox_runner.service.function_service import IncomingRequest

if TYPE_CHECKING:
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.live.credentials import Credentials
    from sandbox_runner.live.visitors import Visitors, Wished
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import Served
    from sandbox_runner.service.service import LambdaService

Why = Literal["asked", "idle", "total", "requests"]

_US: Final = 1_000_000
GONE: Final = HttpAnswer(410, (("content-type", "text/plain"),), b"This live session has ended.\n")


class LivePlayer:
    """The player of one session.

    :param scenario: the functions; its steps are not played.
    :param credentials: told of everything that a request came with, before the request is recorded.
    """

    def __init__(
        self, scenario: Scenario, visitors: Visitors, log: EventLog, clock: Clock, credentials: Credentials
    ) -> None:
        self._scenario = scenario
        self._visitors = visitors
        self._log = log
        self._clock = clock
        self._credentials = credentials
        self._host = function_url.host_of(uuid.uuid4().hex)
        self._sent: dict[int, Request] = {}
        self._room = limits.SCENARIO_BYTES_MAX - len(json.dumps(scenario.to_json()))
        self._serving: set[asyncio.Task[None]] = set()
        self._total_s = visitors.total_s
        self._begun_us = self._heard_us = 0

    @property
    def scenario(self) -> Scenario:
        """What came so far as a scenario."""
        return lived_scenario(self._scenario, self._log.events, self._sent)

    def left(self) -> tuple[Message, ...]:
        """Steps that were not played: a session has none."""
        return ()

    async def play(self, service: LambdaService) -> None:
        """Serve what comes until the session ends, and then what is under way.

        :raises OurFailure: a sandbox failed.
        """
        self._begun_us = self._heard_us = self._log.now_us()
        self._log.append(SessionOpened(idle_s=self._visitors.idle_s, total_s=self._total_s))
        try:
            why = await self._until_the_end(service)
            self._log.append(SessionEnded(why=why))
            self._turn_away()
            while self._serving:
                await self._ended(self._serving)
        finally:
            self._turn_away()
            await cancel_all(self._serving)

    async def _until_the_end(self, service: LambdaService) -> Why:
        coming = asyncio.ensure_future(self._visitors.next())
        try:
            while (why := self._over()) is None:
                due_s = await service.let_pass()
                await self._something({coming, *self._serving}, due_s)
                if coming.done():
                    came, coming = coming.result(), asyncio.ensure_future(self._visitors.next())
                    if came == "end":
                        return "asked"
                    self._take(service, came)
            return why
        finally:
            await cancel_all([coming])

    async def _something(
        self, tasks: set[asyncio.Task[Visit | Wished] | asyncio.Task[None]], due_s: float | None
    ) -> None:
        """Wait for one of the tasks, or until a limit may have been reached or the service has something to do."""
        left_s = (self._ends_us() - self._log.now_us()) / _US
        alarm = asyncio.ensure_future(self._clock.sleep(max(0.0, min(left_s, left_s if due_s is None else due_s))))
        try:
            await asyncio.wait({*tasks, alarm}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_all([alarm])
        await self._ended({each for each in self._serving if each.done()})

    async def _ended(self, tasks: set[asyncio.Task[None]]) -> None:
        """Take notice of those that have ended, of which one does where all are under way."""
        if not tasks:
            return
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self._serving -= done
        self._heard_us = self._log.now_us()
        for each in done:
            each.result()

    def _ends_us(self) -> int:
        """When the session ends unless something comes; while a request is served, it is not idle."""
        total_us = self._begun_us + round(self._total_s * _US)
        return total_us if self._serving else min(total_us, self._heard_us + round(self._visitors.idle_s * _US))

    def _over(self) -> Why | None:
        now_us = self._log.now_us()
        if len(self._sent) >= limits.LIVE_REQUESTS_MAX and not self._serving:
            return "requests"
        if now_us >= self._begun_us + round(self._total_s * _US):
            return "total"
        return "idle" if now_us >= self._ends_us() else None

    def _take(self, service: LambdaService, came: Visit | Wished) -> None:
        self._heard_us = self._log.now_us()
        if isinstance(came, Visit):
            self._begin(service, came)
        elif came == "extend":
            self._total_s = min(self._total_s + self._visitors.total_s, self._visitors.at_most_s)
            self._log.append(SessionExtended(total_s=self._total_s))

    def _turn_away(self) -> None:
        for visit in self._visitors.close():
            visit.answer(GONE)

    # --- one request ----------------------------------------------------------------------------------------------

    def _begin(self, service: LambdaService, visit: Visit) -> None:
        if len(self._sent) >= limits.LIVE_REQUESTS_MAX:
            visit.answer(_full(f"{limits.LIVE_REQUESTS_MAX} requests"))
            return
        self._credentials.learn(visit.request)
        request = self._request(visit)
        size = request.payload_bytes or len(request.payload_text.encode())
        if request.payload_bytes is None and size > self._room:
            visit.answer(_full(f"{limits.SCENARIO_BYTES_MAX // limits.MB} MB in all"))
            return
        self._room -= 0 if request.payload_bytes else size
        index = len(self._sent) + 1
        self._sent[index] = request
        call = IncomingRequest(index, visit.caller or f"request-{index}", request)
        self._serving.add(asyncio.ensure_future(self._serve(service, call, visit, size)))

    async def _serve(self, service: LambdaService, call: IncomingRequest, visit: Visit, size: int) -> None:
        try:
            answer = self._answer(await service.serve(call), size)
        except BaseException:
            visit.answer(GONE)
            raise
        visit.answer(answer)

    def _answer(self, served: Served, size: int) -> HttpAnswer:
        if served.came is None:
            return function_url.too_large(size, limits.REQUEST_BYTES_MAX)
        answer = function_url.answer_of(served.came)
        return HttpAnswer(answer.status, (*answer.headers, ("x-amzn-requestid", served.request_id)), answer.body)

    def _request(self, visit: Visit) -> Request:
        """The request as the service makes it; one that is too large as its size alone."""
        epoch_ms = self._clock.epoch_ms()
        told = Told(
            request_id=str(uuid.uuid4()),
            trace=identity.trace_header(epoch_ms, uuid.uuid4().hex + uuid.uuid4().hex),
            at=datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms),
            host=self._host,
        )
        fields = {"function": self._scenario.recorded(self._scenario.name_of(None)), "as": visit.caller or None}
        request = Request.model_validate({**fields, "payload": function_url.payload_of(visit.request, told)})
        size = len(request.payload_text.encode())
        if size <= limits.REQUEST_BYTES_MAX:
            return request
        return Request.model_validate({**fields, "payload_bytes": min(size, limits.MADE_PAYLOAD_BYTES_MAX)})


def _full(most: str) -> HttpAnswer:
    said = f"This live session takes {most}, and this is more. End it, and go live again.\n"
    return HttpAnswer(429, (("content-type", "text/plain"),), said.encode())
