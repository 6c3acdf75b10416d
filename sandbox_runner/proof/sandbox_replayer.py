"""Replays in sandboxes of their own: one environment after the other in each, wiped in between."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from sandbox_runner.backends.base import Backend, SandboxSpec
from sandbox_runner.environment import identity
from sandbox_runner.environment.attempt import Attempt
from sandbox_runner.environment.environment import Environment
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.output import LogAllowance
from sandbox_runner.environment.overlapping import OverlappingEnvironment
from sandbox_runner.environment.task_groups import together, undisturbed
from sandbox_runner.environment.wiping import wipe
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import Event, LogWritten, OutputTruncated, Purpose, RequestAnswered, StateCaptured
from sandbox_runner.peers.hub import PeerHub
from sandbox_runner.proof.node_accessors import within_reach
from sandbox_runner.proof.player import LOG_LINES_MAX
from sandbox_runner.proof.replayed_calls import Beside, RecordedCalls, ReplayedCalls
from sandbox_runner.proof.replays import Replay, ReplayAnswer, ReplayRequest
from sandbox_runner.proof.sandboxes import Sandboxes
from sandbox_runner.results.model import Outcome
from sandbox_runner.rules.phases import init_limit_s
from sandbox_runner.rules.requests import at_once, every_request
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.scenario import client_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.account.moments import ReplayAccount
    from sandbox_runner.account.relay import Relay
    from sandbox_runner.backends.base import Shown
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.records import InitializationName
    from sandbox_runner.scenario.model import Function, Scenario
    from sandbox_runner.scenario.parts import Peer

# The guest sends no more than is kept of a replay, and as many again for what extensions write.
_PHASE_LINES_MAX: Final = 2 * LOG_LINES_MAX
# What :meth:`sandbox_runner.proof.lanes.Lanes.beginning` is.
Beginning = Callable[[], AbstractAsyncContextManager[None]]


class SandboxReplayer:
    """The :class:`sandbox_runner.proof.replays.Replayer` of one function over a backend. Its owner closes it.

    :param initialization: how the run's environments came to be; a handler may say so in its answer.
    :param init_limit: the scenario's own.
    :param peers: the scenario's own; each replay meets them as if nobody had been there before.
    :param shown: folders that its sandboxes are shown.
    :param account: makes what each replay meets of AWS's services.
    :param calls: makes what its function meets of others that it calls, by how many calls led to it.
    :param beginning: entered while a function is loaded; it may wait.
    :param contexts: what clients say of themselves, by the index of the request.
    :param faults: what happens in place of an answer, by the index of the request.
    :param concurrency: how many requests its environments serve at once; 0 for one at a time.
    :param at_once: the step of each request that arrives with the others of that step.
    """

    def __init__(
        self,
        function: Function,
        backend: Backend,
        clock: Clock,
        *,
        owner: str,
        initialization: InitializationName = "on-demand",
        init_limit: float | None = None,
        peers: Sequence[Peer] = (),
        shown: Shown = (),
        account: Callable[[EventLog], ReplayAccount] | None = None,
        calls: Callable[[ReplayAccount, int], ReplayedCalls] | None = None,
        beginning: Beginning = nullcontext,
        contexts: Mapping[int, str] | None = None,
        faults: Mapping[int, str] | None = None,
        concurrency: int = 0,
        at_once: Mapping[int, int] | None = None,
    ) -> None:
        self._contexts = contexts or {}
        self._faults = faults or {}
        self._calls = calls
        self._concurrency, self._at_once = concurrency, at_once or {}
        self._beginning = beginning
        self._function = function
        self._initialization: InitializationName = initialization
        self._init_limit_s = init_limit_s(initialization, function.timeout_s, init_limit)
        self._peers = tuple(peers)
        self._account = account
        self._clock = clock
        self._sandboxes = Sandboxes(backend, SandboxSpec.of(owner, function, shown))

    async def play(
        self,
        requests: Sequence[ReplayRequest],
        *,
        probe: bool,
        purpose: Purpose,
        round: int,  # noqa: A002 - the name that the event log's records have
        waits: Sequence[float] = (),
        restored: Sequence[str] = (),
        beside: Beside | None = None,
    ) -> Replay:
        """See :meth:`.replays.Replayer.play`. The sandbox is wiped at the end, for the next replay.

        :param beside: what its function meets, if another replay's calls it.
        """
        sandbox = await self._sandboxes.take()
        whole = False
        try:
            log = EventLog(self._clock)
            link = GuestLink(sandbox, self._clock)
            account = self._account(log) if self._account and beside is None else None
            relay = self._relay(log, account, beside)
            hub = PeerHub(self._peers, log, self._clock, relay)
            function = self._configured(purpose, restored)
            try:
                hub.join("replay", link)
                met = _Met(log, link, hub, account)
                order = _order(requests, restored) if purpose == "carrier" else ""
                await self._play(requests, met, function=function, probe=probe, waits=waits, order=order)
                await wipe(link)
                if relay is not None:
                    relay.check()
            finally:
                await hub.close()
                if account is not None:
                    await account.close()
            whole = True
        finally:
            if whole:
                self._sandboxes.give_back(sandbox)
            else:
                await undisturbed(sandbox.destroy())
        return _replay(purpose, round, requests, log)

    async def close(self) -> None:
        """End the sandboxes."""
        await self._sandboxes.close()

    def _relay(self, log: EventLog, account: ReplayAccount | None, beside: Beside | None) -> Relay | None:
        met = beside.account if beside else account
        if met is None:
            return None
        relay = met.beside(log, self._clock) if beside else met.relay
        if self._calls is not None:
            relay.functions = self._calls(met, beside.depth if beside else 0).answer
        return relay

    def _configured(self, purpose: Purpose, restored: Sequence[str]) -> Function:
        """For replays that are compared with each other, nothing that a language can hold still is left to chance."""
        function = self._function
        if restored:
            return function.model_copy(update={"files": within_reach(function.files, restored)})
        if purpose != "interference":
            return function
        steady = runtime_of(function.runtime).language.steady_variables
        return function.model_copy(update={"environment": {**steady, **function.environment}})

    async def _play(
        self,
        requests: Sequence[ReplayRequest],
        met: _Met,
        *,
        function: Function,
        probe: bool,
        waits: Sequence[float],
        order: str,
    ) -> None:
        stream = identity.log_stream(self._clock.epoch_ms(), uuid.uuid4().hex)
        # A probe reads one process between its requests: they are played one after the other then.
        overlapping = self._concurrency > 0 and not probe
        make = partial(OverlappingEnvironment, concurrency=self._concurrency) if overlapping else Environment
        environment = make(
            "replay",
            function,
            met.link,
            met.log,
            self._clock,
            stream=stream,
            allowance=LogAllowance(lines_max=_PHASE_LINES_MAX),
            initialization=self._initialization,
            init_limit_s=self._init_limit_s,
            probe=probe,
            reach=met.hub.reach,
            restore=order,
        )
        await met.turn_to(requests[0])
        async with self._beginning():
            await environment.initialize()
        if isinstance(environment, OverlappingEnvironment):
            environment.leave = lambda _: True
            for arriving in self._arriving(requests):
                await together([environment.invoke(self._attempt(request)) for request in arriving])
            return
        for request, wait in zip(requests, chain(waits, repeat(0.0)), strict=False):
            if wait:
                await self._clock.sleep(wait)
            if request is not requests[0]:
                await met.turn_to(request)
            await environment.invoke(self._attempt(request))

    def _attempt(self, request: ReplayRequest) -> Attempt:
        trace = identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex)
        return Attempt(
            request.index,
            str(uuid.uuid4()),
            str(uuid.uuid4()),
            request.payload.encode(),
            trace,
            client_context=self._contexts.get(request.index, ""),
            fault=self._faults.get(request.index, ""),
        )

    def _arriving(self, requests: Sequence[ReplayRequest]) -> list[list[ReplayRequest]]:
        """The requests as they arrive: those of one step together, in its order."""
        steps: dict[int, list[ReplayRequest]] = {}
        for request in requests:
            steps.setdefault(self._at_once.get(request.index, -request.index), []).append(request)
        return [sorted(each, key=lambda request: request.index) for each in steps.values()]


@dataclass(frozen=True, slots=True)
class _Met:
    """What one replay is played with."""

    log: EventLog
    link: GuestLink
    hub: PeerHub
    account: ReplayAccount | None

    async def turn_to(self, request: ReplayRequest) -> None:
        """A request begins: it meets what it met in the run."""
        if self.account is not None:
            await self.account.turn_to(request.index, request.as_of)


class FunctionReplayers:
    """The :class:`.replays.Replayer` of a scenario: each function's requests in sandboxes of its own."""

    def __init__(
        self,
        scenario: Scenario,
        backend: Backend,
        clock: Clock,
        *,
        owner: str,
        shown: Mapping[str, Shown] | None = None,
        account: Callable[[EventLog], ReplayAccount] | None = None,
        events: Sequence[Event] = (),
        beginning: Beginning = nullcontext,
    ) -> None:
        requests = list(every_request(scenario, events))
        self._names = {index: scenario.name_of(request.function) for index, _, request in requests}
        contexts = {index: client_context.text(request.client_context) for index, _, request in requests}
        faults = {index: request.fault for index, _, request in requests if request.fault}
        self._recorded = RecordedCalls(scenario, events)
        self._replayers = {
            name: SandboxReplayer(
                function,
                backend,
                clock,
                owner=owner,
                initialization=scenario.settings_of(name).initialized_as,
                concurrency=scenario.settings_of(name).concurrency_per_environment or 0,
                at_once=at_once(scenario),
                init_limit=scenario.init_limit,
                peers=scenario.peers,
                shown=(shown or {}).get(name, ()),
                account=account,
                calls=self._calls,
                beginning=beginning,
                contexts=contexts,
                faults=faults,
            )
            for name, function in scenario.functions.items()
        }

    async def play(
        self,
        requests: Sequence[ReplayRequest],
        *,
        probe: bool,
        purpose: Purpose,
        round: int,  # noqa: A002 - the name that the event log's records have
        waits: Sequence[float] = (),
        restored: Sequence[str] = (),
    ) -> Replay:
        """See :meth:`sandbox_runner.proof.replays.Replayer.play`. All of ``requests`` are of one function.

        :raises ValueError: they are not; no environment ever served two functions.
        """
        names = {self._names[request.index] for request in requests}
        if len(names) != 1:
            raise ValueError(f"one replay has requests of the functions {', '.join(sorted(names))}")
        return await self._replayers[names.pop()].play(
            requests, probe=probe, purpose=purpose, round=round, waits=waits, restored=restored
        )

    def _calls(self, account: ReplayAccount, depth: int) -> ReplayedCalls:
        return ReplayedCalls(self._recorded, account, self._play_called, depth)

    async def _play_called(self, function: str, request: ReplayRequest, beside: Beside) -> ReplayAnswer:
        replayer = self._replayers[function]
        return (await replayer.play([request], probe=False, purpose="history", round=0, beside=beside)).answers[0]

    async def close(self) -> None:
        """End every sandbox."""
        for each in self._replayers.values():
            await each.close()


def _order(requests: Sequence[ReplayRequest], restored: Sequence[str]) -> str:
    """What the probe is to put back before the last request. It walks nothing then: others have walked the same."""
    return json.dumps({"after": len(requests) - 1, "places": list(restored)})


def _replay(purpose: Purpose, round_number: int, requests: Sequence[ReplayRequest], log: EventLog) -> Replay:
    events = log.events
    answered = {each.record.index: each for each in events if isinstance(each.record, RequestAnswered)}
    return Replay(
        purpose=purpose,
        round=round_number,
        answers=tuple(_answer(events, answered[request.index]) for request in requests),
        states=tuple(each.record for each in events if isinstance(each.record, StateCaptured)),
        init_log=_lines(events, None),
        took_us=log.now_us(),
    )


def _answer(events: Sequence[Event], answered: Event) -> ReplayAnswer:
    record = answered.record
    assert isinstance(record, RequestAnswered)
    cut = [each.record for each in events if each.request_id == answered.request_id]
    return ReplayAnswer(
        index=record.index,
        request_id=answered.request_id or "",
        outcome=Outcome(record.outcome),
        error_type=record.error_type,
        response=record.response,
        response_cut=record.response_cut,
        log=_lines(events, answered.request_id),
        log_cut=sum(each.lines for each in cut if isinstance(each, OutputTruncated)),
    )


def _lines(events: Sequence[Event], request_id: str | None) -> tuple[str, ...]:
    return tuple(
        each.record.text for each in events if isinstance(each.record, LogWritten) and each.request_id == request_id
    )
