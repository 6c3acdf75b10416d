"""Accounts answered by moto, in one sandbox: without network like any other, and each account a process of its own.

The sandbox is started when the first account is asked for, and stays; one that is lost is replaced for the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from sandbox_runner import limits
from sandbox_runner.account import holdings
from sandbox_runner.account.aws_names import SERVICES
from sandbox_runner.account.base import AccountTooSlowError, AwsAnswer, Hidden, Pushed, Reply, Source
from sandbox_runner.account.line import Line
from sandbox_runner.account.workflow_news import read_news
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.backends.base import SandboxSpec, ShownFolder
from sandbox_runner.environment import identity
from sandbox_runner.environment.guest_configuration import configuration
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.environment.task_groups import cancel_all, start_sandbox, undisturbed
from sandbox_runner.errors import AccountLost, BackendUnavailable, OurFailure, ProtocolViolation
from sandbox_runner.event_templates import patterns
from sandbox_runner.guest import wire
from sandbox_runner.image.answering import RUNTIME, answering
from sandbox_runner.image.selection import own_image
from sandbox_runner.peers.reach import Reach
from sandbox_runner.peers.streams import StreamHub
from sandbox_runner.scenario.model import Function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection, Mapping, Sequence

    from sandbox_runner.account.base import AwsRequest, Holdings, Operation
    from sandbox_runner.account.workflow_news import WorkflowNews
    from sandbox_runner.backends.base import Backend, Sandbox
    from sandbox_runner.clock import Clock
    from sandbox_runner.peers.streams import Stream

_INSIDE: Final = Path(__file__).with_name("inside")
_SOURCES: Final[dict[str, Source]] = {each: each for each in get_args(Source)}
_PORT: Final = 8003
# See sandbox_runner/guest/network/peers.py.
_ADDRESS: Final = ("127.0.1.1", _PORT)
_FIRST: Final = ""


class MotoAnswering:
    """The :class:`.base.Answering` of one backend. Used within one event loop.

    :param owner: label of its sandbox.
    """

    def __init__(self, backend: Backend, clock: Clock, *, owner: str) -> None:
        self._backend = backend
        self._clock = clock
        self._owner = owner
        self._starting = asyncio.Lock()
        self._sandbox: _MotoSandbox | None = None

    async def open(self, services: Collection[str] = ()) -> MotoAccount:
        """See :meth:`.base.Answering.open`."""
        async with self._starting:
            if self._sandbox is None or self._sandbox.is_lost:
                await self.close()
                started = _MotoSandbox(self._backend, self._clock)
                try:
                    await started.start(self._owner)
                except BaseException:
                    await undisturbed(started.end())
                    raise
                self._sandbox = started
            sandbox = self._sandbox
            await sandbox.load(services)
        return await sandbox.fork(sandbox.first)

    async def close(self) -> None:
        """See :meth:`.base.Answering.close`."""
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            await undisturbed(sandbox.end())


class MotoAccount:
    """One process of the sandbox, ``pid`` there; see :class:`.base.Account`."""

    def __init__(self, sandbox: _MotoSandbox, line: Line, pid: int) -> None:
        self._sandbox = sandbox
        self.line = line
        self.pid = pid
        self._ended = False

    async def answer(self, request: AwsRequest, seed: str) -> AwsAnswer:
        """See :meth:`.base.Account.answer`."""
        order = {
            "do": "request",
            "seed": seed,
            "method": request.method,
            "target": request.target,
            "headers": [list(each) for each in request.headers],
        }
        told, body = await self._within(self.line.order(order, request.body))
        return _answer(told, body)

    async def call(self, operation: Operation, seed: str) -> Reply:
        """See :meth:`.base.Account.call`."""
        order = {
            "do": "call",
            "seed": seed,
            "service": operation.service,
            "operation": operation.name,
            "parameters": operation.parameters,
            "region": operation.region,
        }
        told, body = await self._within(self.line.order(order))
        return Reply(str(told.get("refused", "")), _answer(told, body))

    async def copy(self) -> MotoAccount:
        """See :meth:`.base.Account.copy`."""
        return await self._sandbox.fork(self)

    async def move_workflows(self, now_ms: int, done: Sequence[Mapping[str, Any]], seed: str) -> WorkflowNews:
        """See :meth:`.base.Account.move_workflows`."""
        order = {"do": "workflows", "now_ms": now_ms, "seed": seed}
        _, body = await self._within(self.line.order(order, json.dumps(list(done)).encode()))
        return read_news(body)

    async def pass_time(self, ahead_ms: int) -> None:
        """See :meth:`.base.Account.pass_time`."""
        await self.line.order({"do": "pass", "ms": ahead_ms})

    async def hidden(self, queue: str) -> Hidden:
        """See :meth:`.base.Account.hidden`."""
        place = {"account": ACCOUNT, "region": REGION, "queue": queue}
        told, _ = await self.line.order({"do": "hidden", "most": limits.QUEUE_LOOKED_AT_MAX, **place})
        try:
            waits = tuple((int(ms), int(received)) for ms, received in told["waits"])
            most = told["received_most"]
            return Hidden(waits, None if most is None else int(most), int(told["moved"]))
        except (KeyError, TypeError, ValueError):
            raise ProtocolViolation("an account's process did not say which messages are hidden") from None

    async def look(self, *, whole: bool) -> Holdings:
        """See :meth:`.base.Account.look`."""
        _, body = await self._within(self.line.order(holdings.order(whole=whole)))
        return holdings.read(body)

    async def stream_records(
        self, kind: str, name: str, after: Mapping[str, int], count: int
    ) -> dict[str, list[dict[str, Any]]]:
        """See :meth:`.base.Account.stream_records`."""
        order = {"do": "records", "kind": kind, "name": name, "after": dict(after), "most": count}
        _, body = await self.line.order({**order, "account": ACCOUNT, "region": REGION})
        try:
            return {str(shard): [dict(each) for each in told] for shard, told in json.loads(body).items()}
        except (AttributeError, TypeError, ValueError):
            raise ProtocolViolation("an account's process did not say which records a stream has") from None

    async def end(self) -> None:
        """See :meth:`.base.Account.end`."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(OurFailure):
                await undisturbed(self._sandbox.first.line.order({"do": "kill", "pid": self.pid}))

    async def _within(self, work: Awaitable[tuple[dict[str, Any], bytes]]) -> tuple[dict[str, Any], bytes]:
        try:
            async with asyncio.timeout(limits.ACCOUNT_ANSWER_S):
                return await work
        except TimeoutError:
            await self.end()
            raise AccountTooSlowError("what answers for AWS's services did not answer in time") from None


class _MotoSandbox:
    """One sandbox, from its start to its end."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock
        self._hub = StreamHub({"account": self._receive})
        self._sandbox: Sandbox | None = None
        self._watching: asyncio.Task[None] | None = None
        self._expected: dict[str, asyncio.Future[MotoAccount]] = {}
        self._loaded: set[str] = set()
        self._said = ""
        self.first: MotoAccount

    @property
    def is_lost(self) -> bool:
        """Whether it serves nobody any more."""
        return self._watching is None or self._watching.done()

    async def start(self, owner: str) -> None:
        """Start it.

        :raises BackendUnavailable: it cannot be started here.
        :raises OurFailure: it failed.
        """
        folder = answering()
        shown = ("/run/answering", ShownFolder(folder.name, str(folder.files), str(folder.archive)))
        memory, disk = limits.ACCOUNT_MEMORY_MB, limits.TMP_MB_DEFAULT
        spec = SandboxSpec(owner, memory, disk, shown=(shown,), runtime=own_image(RUNTIME))
        if not folder.is_built and self._backend.name == "namespace":
            raise BackendUnavailable("what answers for AWS's services is not here; `make image` makes it")
        self._sandbox = await start_sandbox(self._backend, spec)
        link = GuestLink(self._sandbox, self._clock)
        self._hub.join("account", link)
        stream = identity.log_stream(self._clock.epoch_ms(), secrets.token_hex(16))
        function = _function()
        reach = Reach({"account": _PORT})
        # Every call of a run waits for it: on a busy machine it must not be the last.
        order = await configuration(function, stream=stream, initialization="on-demand", reach=reach, gives_way=False)
        await link.send(order)
        await link.send(wire.Init("init", round(limits.ACCOUNT_START_S * 1_000_000)))
        done = await link.receive_until(wire.InitDone, self._observe, within_s=limits.ACCOUNT_START_S)
        if done.status != "success":
            raise OurFailure(f"what answers for AWS's services did not start: {done.body[:500]!r} {self._said}")
        expected = self._expect(_FIRST)
        self._watching = asyncio.ensure_future(self._watch(link))
        self.first = await self._arrival(expected)

    async def load(self, services: Collection[str]) -> None:
        """Load what these services need, unless it is there; otherwise each account would."""
        for name in services:
            if name in SERVICES and name not in self._loaded:
                operation, parameters = SERVICES[name].loaded_by
                order = {"do": "load", "service": name, "operation": operation, "parameters": parameters}
                await self.first.line.order(order)
                self._loaded.add(name)

    async def fork(self, account: MotoAccount) -> MotoAccount:
        """A copy of an account."""
        name = secrets.token_hex(16)
        expected = self._expect(name)
        try:
            await account.line.order({"do": "fork", "account": name})
            return await self._arrival(expected)
        finally:
            self._expected.pop(name, None)

    async def end(self) -> None:
        """End it, with every account."""
        if self._watching is not None:
            await cancel_all([self._watching])
        await self._hub.close()
        if self._sandbox is not None:
            await self._sandbox.destroy()

    async def _watch(self, link: GuestLink) -> None:
        """Let it serve, for as long as it does."""
        order = json.dumps(
            {
                "address": _ADDRESS,
                "services": {name: each.moto for name, each in SERVICES.items()},
                "workflows": {"executions": limits.WORKFLOW_EXECUTIONS_MAX, "states": limits.WORKFLOW_STATES_MAX},
            }
        )
        trace = identity.trace_header(self._clock.epoch_ms(), secrets.token_hex(32))
        ends_ms = self._clock.epoch_ms() + limits.ACCOUNT_LIVES_S * 1_000
        headers = identity.next_headers(
            _function(), request_id="account", invocation_id="", deadline_ms=ends_ms, trace=trace
        )
        await link.send(wire.Invoke("account", limits.ACCOUNT_LIVES_S * 1_000_000, headers, order.encode()))
        with contextlib.suppress(OurFailure):
            await link.receive_until(wire.InvokeDone, self._observe, within_s=limits.ACCOUNT_LIVES_S)
        await self._hub.close()

    def _observe(self, message: wire.GuestMessage) -> None:
        if isinstance(message, wire.Logs):
            self._said = message.lines[-1].text[:500]

    def _expect(self, name: str) -> asyncio.Future[MotoAccount]:
        expected: asyncio.Future[MotoAccount] = asyncio.get_running_loop().create_future()
        self._expected[name] = expected
        return expected

    async def _arrival(self, expected: asyncio.Future[MotoAccount]) -> MotoAccount:
        assert self._watching is not None  # it was started before anybody is expected
        watching: list[asyncio.Future[Any]] = [expected, self._watching]
        await asyncio.wait(watching, timeout=limits.ACCOUNT_START_S, return_when=asyncio.FIRST_COMPLETED)
        if not expected.done():
            raise AccountLost(f"what answers for AWS's services did not come up: {self._said}")
        return expected.result()

    async def _receive(self, stream: Stream) -> None:
        line = Line(stream)
        head, _ = await line.receive()
        expected = self._expected.pop(str(head.get("account")), None)
        if expected is None or expected.done() or not isinstance(head.get("pid"), int):
            raise ProtocolViolation("an account's process came that nobody waits for")
        expected.set_result(MotoAccount(self, line, head["pid"]))
        await line.listen()


def _function() -> Function:
    return Function(
        runtime=RUNTIME,
        handler="answering.handler",
        files={path.relative_to(_INSIDE).as_posix(): path.read_text() for path in sorted(_INSIDE.rglob("*.py"))}
        | {"patterns.py": Path(patterns.__file__).read_text()},
        memory_mb=limits.ACCOUNT_MEMORY_MB,
        timeout_s=limits.TIMEOUT_S_MAX,
        name="holdover-account",
    )


def _answer(told: dict[str, Any], body: bytes) -> AwsAnswer:
    try:
        headers = tuple((str(name), str(value)) for name, value in told["headers"])
        size = len(body) - int(told.get("pushed", 0))
        pushed = tuple(_pushed(each) for each in json.loads(body[size:] or b"[]"))
        return AwsAnswer(int(told["status"]), headers, body[:size], pushed, is_ours=bool(told.get("ours")))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ProtocolViolation("an account's process sent no answer") from None


def _pushed(told: dict[str, str | None]) -> Pushed:
    payload = told["payload"]
    sent = None if payload is None else payload.encode("utf-8", "replace")
    return Pushed(_SOURCES[told["source"] or ""], str(told["name"]), str(told["function"]), sent)
