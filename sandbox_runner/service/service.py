"""The emulated Lambda service: accepts or throttles requests, gives each an environment, lets time pass."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner import limits
from sandbox_runner.environment import identity
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.task_groups import together, undisturbed
from sandbox_runner.events.records import RequestArrived, ServiceWaited
from sandbox_runner.peers.hub import PeerHub
from sandbox_runner.scenario import client_context
from sandbox_runner.service.admission import Account
from sandbox_runner.service.asynchronous.invoker import progress
from sandbox_runner.service.called import CalledRequests, Served
from sandbox_runner.service.fleet import Shared
from sandbox_runner.service.function_service import FunctionService

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.backends.base import Backend, Sandbox, SandboxSpec, Shown
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.asynchronous.destinations import Ended
    from sandbox_runner.service.asynchronous.invoker import RunsBeside
    from sandbox_runner.service.function_service import IncomingRequest

_US: Final = 1_000_000
# A shorter remainder is not waited for; a clock may return slightly early.
_INSTANT_US: Final = 1_000


class LambdaService:
    """Serves the functions of ``scenario`` as it specifies.

    :param owner: label of the sandboxes.
    :param idle_real_s_max: longer waits are compressed: a short real wait, then the service clock jumps.
    :param shown: folders that the sandboxes of each function are shown.
    :param account: AWS's services beside the functions.
    :param visits: how many requests may come from outside, where they come from there and not from steps.
    :param leave: who takes the sandboxes, by their kind, of environments that end with the run.
    :ivar called: what serves the requests that no step makes.
    """

    def __init__(
        self,
        scenario: Scenario,
        backend: Backend,
        log: EventLog,
        clock: Clock,
        *,
        owner: str,
        idle_real_s_max: float = limits.IDLE_REAL_S_MAX,
        shown: Mapping[str, Shown] | None = None,
        account: RunAccount | None = None,
        visits: int | None = None,
        leave: Callable[[SandboxSpec, Sandbox], bool] | None = None,
    ) -> None:
        self._scenario = scenario
        self._log = log
        self._clock = clock
        self._idle_real_s_max = idle_real_s_max
        self._peers = PeerHub(scenario.peers, log, clock, account.relay if account else None)
        self._shared = Shared(backend, log, clock, owner, self._peers, shown or {}, account, leave)
        # What a revision has reserved is what its function has.
        own = [name for name, each in scenario.functions.items() if each.deployed_name == name]
        self._concurrency = Account(scenario.settings_of(name).reserved_concurrency for name in own)
        self._functions = {
            name: FunctionService(scenario, name, self._concurrency, self._shared) for name in scenario.functions
        }
        self._fleets = [each.fleet for each in self._functions.values()]
        self._account = account
        self._invokers = [each.asynchronous for each in self._functions.values()]
        self._beside: list[RunsBeside] = [*self._invokers]
        self.called = CalledRequests(scenario, self._functions, log, clock, others=visits)

    def deliver_by(self, deliver: Callable[[int, Ended], Coroutine[None, None, None]]) -> None:
        """Have ``deliver`` send what became of each asynchronous request to its function's destinations."""
        for each in self._invokers:
            each.deliver = deliver

    def poll(self, poller: RunsBeside) -> None:
        """Have a queue or a stream polled, or workflows moved, beside whatever else happens."""
        self._beside.append(poller)

    async def prepare(self) -> None:
        """Allocate the provisioned concurrency, before any request.

        :raises OurFailure: no sandbox could be made, or one failed. The other methods raise it too.
        """
        for fleet in self._fleets:
            await fleet.provision()
        self.called.is_open = True
        self._dispatch()

    async def invoke(self, calls: Sequence[IncomingRequest]) -> None:
        """Serve requests that arrive at the same time, until the environment of each synchronous one is free again.

        Asynchronous ones are answered at once and run alongside the next steps.
        """
        await self._spin_down()
        now_us = self._clock.monotonic_us()
        attempts = [(call, self._arrive(call, now_us)) for call in calls]
        works = [work for call, attempt in attempts if (work := self._function_of(call).turn(call, attempt))]
        await together(works)
        await self._settle()

    async def serve(self, call: IncomingRequest) -> Served:
        """Serve a request from outside, beside others, until its environment is free again.

        It is recorded before anything is awaited. ``came`` is None where it was refused for its size, and where it is
        asynchronous: it is accepted then.
        """
        attempt = self._arrive(call, self._clock.monotonic_us())
        function = self._function_of(call)
        name = self._scenario.name_of(call.request.function)
        self.called.note(call.index, call.principal, name)
        if call.request.type == "event":
            function.turn(call, attempt)
            return Served(attempt.request_id, None)
        if function.refuses(call, attempt):
            return Served(attempt.request_id, None)
        return await self.called.serve_arrived(name, attempt)

    async def let_pass(self) -> float | None:
        """Do what is due now, beside requests from outside; returns the seconds until something else is."""
        await self._spin_down()
        self._dispatch()
        for each in self._beside:
            each.check()
        moments = [self._next_due_us, *(fleet.next_spin_down_us for fleet in self._fleets)]
        due = [each for each in moments if each is not None]
        return max(0.0, (min(due) - self._log.service_us()) / _US) if due else None

    async def initialize(self, count: int, function: str | None = None) -> None:
        """Pre-initialise idle environments of one function."""
        await self._functions[self._scenario.name_of(function)].fleet.initialize(count)
        await self._settle()

    async def recycle(self, which: Literal["all", "one"], function: str | None = None) -> None:
        """Shut down every free environment, or the least recently used one; only those of ``function`` if named."""
        fleets = [self._functions[function].fleet] if function else self._fleets
        if which == "one":
            unused = [(oldest.turn, fleet) for fleet in fleets if (oldest := fleet.longest_unused)]
            fleets = [min(unused, key=lambda each: each[0])[1]] if unused else []
        for fleet in fleets:
            await fleet.recycle(which)
        await self._settle()

    def add(self, scenario: Scenario, name: str, shown: Shown) -> None:
        """Serve that function too, which ``scenario`` has beside those that it had.

        :param shown: folders that its sandboxes are shown.
        """
        self._scenario = scenario
        shared = replace(self._shared, shown={name: shown})
        added = self._functions[name] = FunctionService(scenario, name, self._concurrency, shared)
        added.asynchronous.deliver = next(iter(self._functions.values())).asynchronous.deliver
        self._fleets.append(added.fleet)
        self._invokers.append(added.asynchronous)
        self._beside.append(added.asynchronous)

    async def deploy(self, revision: str) -> None:
        """Have that function take the place of the one that it is a revision of."""
        before = self.called.deployed(self._scenario.functions[revision].deployed_name)
        await self._functions[before].fleet.retire()
        self.called.deploy(self._scenario, revision)

    def reserve(self, concurrency: int | None, function: str | None = None) -> None:
        """Reserve concurrency for one function from now on."""
        self._functions[self._scenario.name_of(function)].reserve(concurrency)

    async def provision(self, count: int, function: str | None = None) -> None:
        """Keep that many environments of one function provisioned from now on."""
        await self._functions[self._scenario.name_of(function)].fleet.keep_provisioned(count)
        await self._settle()

    async def wait(self, seconds: float) -> None:
        """Let that much service time pass. Anything due happens meanwhile; unused environments stay frozen."""
        end_us = self._log.service_us() + round(seconds * _US)
        while True:
            await self._spin_down()
            self._dispatch()
            now_us = self._log.service_us()
            if end_us - now_us < _INSTANT_US:
                break
            moments = [self._next_due_us, *(fleet.next_spin_down_us for fleet in self._fleets)]
            due = [each for each in moments if each is not None]
            await self._pass((min([end_us, *due]) - now_us) / _US, "idle")
        await self._settle()

    async def drain(self) -> None:
        """Let time pass until no asynchronous request is left to try."""
        while True:
            self._dispatch()
            await self.called.settled()
            due_us = self._next_due_us
            if self._busy:
                await progress(self._beside, None if due_us is None else (due_us - self._log.service_us()) / _US)
            elif due_us is not None:
                await self._pass((due_us - self._log.service_us()) / _US, "queue")
            else:
                break
        await self._settle()

    async def end_run(self) -> None:
        """Shut down every environment by the rules."""
        for fleet in self._fleets:
            await fleet.end_run()

    async def destroy(self) -> None:
        """End every environment, whatever it is doing; nothing is left when this returns, cancelled or not."""
        await undisturbed(self._destroy())

    # --- every function -------------------------------------------------------------------------------------------

    def _function_of(self, call: IncomingRequest) -> FunctionService:
        return self._functions[self._scenario.name_of(call.request.function)]

    def _dispatch(self) -> None:
        for each in self._beside:
            each.dispatch()

    async def _spin_down(self) -> None:
        for fleet in self._fleets:
            await fleet.spin_down()

    @property
    def _next_due_us(self) -> int | None:
        return min((each.next_due_us for each in self._beside if each.next_due_us is not None), default=None)

    @property
    def _busy(self) -> bool:
        return any(each.running for each in self._beside)

    # --- one attempt ----------------------------------------------------------------------------------------------

    def _arrive(self, call: IncomingRequest, now_us: int) -> Attempt:
        payload = call.request.payload_text
        arrived = RequestArrived(
            index=call.index,
            principal=call.principal,
            payload=call.request.shown_payload[: limits.RESULT_ANSWER_BYTES_MAX],
            payload_bytes=call.request.payload_bytes or len(payload.encode()),
            invocation_type=call.request.type,
            function=self._scenario.recorded(self._scenario.name_of(call.request.function)),
            client_context=call.request.client_context,
            fault=call.request.fault,
        )
        request_id = str(uuid.uuid4())
        self._log.append(arrived, request_id=request_id, monotonic_us=now_us)
        return Attempt(
            index=call.index,
            request_id=request_id,
            invocation_id=str(uuid.uuid4()),
            payload=payload.encode(),
            trace=identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex),
            client_context=client_context.text(call.request.client_context),
            fault=call.request.fault or "",
            hear=call.hear,
        )

    # --- time -----------------------------------------------------------------------------------------------------

    async def _pass(self, seconds: float, why: Literal["idle", "queue"]) -> None:
        """Let time pass. It jumps only while no handler runs, because handlers run in real time."""
        if self.called.is_busy:
            await self.called.settled()
            return
        if self._busy:
            await progress(self._beside, seconds)
            return
        compressed = min(self._idle_real_s_max, limits.IDLE_COMPRESSED_S)
        run_seconds = seconds if seconds <= self._idle_real_s_max else compressed
        await self._clock.sleep(run_seconds)
        if run_seconds < seconds:
            self._log.skip(seconds - run_seconds)
            if self._account is not None:
                await self._account.pass_time()
        waited = ServiceWaited(seconds=round(seconds, 3), run_seconds=round(run_seconds, 3), why=why)
        self._log.append(waited)

    async def _settle(self) -> None:
        """Wait until no spare is being created, so that the next step reliably finds it or not."""
        for fleet in self._fleets:
            await fleet.settled()
        for each in self._beside:
            each.check()

    async def _destroy(self) -> None:
        for each in self._beside:
            await each.cancel()
        await self.called.cancel()
        ended = await asyncio.gather(*(fleet.destroy() for fleet in self._fleets), return_exceptions=True)
        await self._peers.close()
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure
