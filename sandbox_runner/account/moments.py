"""The account of one run, as it is and as it was when each request came; and the account that a replay meets.

A request that is replayed has to find what it found in the run, and nothing of what came later or what other replays
did. So a copy is kept of every moment at which a request came and the account had changed, and a replay works on copies
of these.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.account.base import AccountTooSlowError, AwsAnswer, Operation, Origin
from sandbox_runner.account.record import CallRecord
from sandbox_runner.account.relay import Relay
from sandbox_runner.account.watch import Watch
from sandbox_runner.environment.task_groups import together, undisturbed
from sandbox_runner.errors import AccountLost
from sandbox_runner.events.account_calls import only_reads
from sandbox_runner.events.records import AccountRefused
from sandbox_runner.messages import cut, say
from sandbox_runner.scenario.account.queue_mappings import MAPPING
from sandbox_runner.scenario.account.resources import operation_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sandbox_runner.account.base import Account, Answering, Hidden, Pushed, Reply
    from sandbox_runner.account.record import ByLambda
    from sandbox_runner.account.relay import Pushes
    from sandbox_runner.account.workflow_news import WorkflowNews
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.settings import AccountCall, AccountSettings

_SAID_CHARACTERS_MAX: Final = 400
_TOO_SLOW: Final = AwsAnswer(503, (("x-amzn-errortype", "ServiceUnavailable"),), b"it was not answered in time")
# What replays call the one environment that they have, where calls of its init are numbered.
_MOVE_WORKFLOWS: Final = frozenset({"StartExecution", "StopExecution", "SendTaskSuccess", "SendTaskFailure"})
_FIRST_ENVIRONMENT: Final = "env-1"


class AccountRefusedError(Exception):
    """A resource of the scenario's cannot be made; the log says why."""


class MomentNotKeptError(Exception):
    """A replay needs the account as it was at a request of which no copy was kept."""


class RunAccount:
    """The account of one run. Its owner closes it.

    :ivar relay: how environments reach it.
    :ivar listeners: called before and after each call that may change it.
    :ivar when_workflows_change: called before and after each call that may move an execution.
    :ivar mapped_by: makes the event source mappings that steps ask for.
    """

    def __init__(self, account: Account, settings: AccountSettings, log: EventLog, clock: Clock) -> None:
        self._account = account
        self._settings = settings
        self._log = log
        self._record = CallRecord(log, clock)
        self.relay = Relay(
            lambda: self._account, self._record, settings.offered, changed=self._note_change, pushed=self.push
        )
        self._kept: list[Account] = []
        self._moments: dict[int, Account] = {}
        self._has_changed = True
        self._keeping = asyncio.Lock()
        self._watch = Watch(account, log)
        self.listeners: list[Callable[[], None]] = []
        self._pushes: Pushes | None = None
        self._early: list[tuple[Sequence[Pushed], Origin]] = []
        self.when_workflows_change: Callable[[], None] | None = None
        self._moves = count(1)
        self.mapped_by: Callable[[Mapping[str, Any]], Awaitable[AwsAnswer]] | None = None

    def push_by(self, pushes: Pushes) -> None:
        """Have ``pushes`` take what services send to functions, and what they have sent until now."""
        self._pushes = pushes
        early, self._early = self._early, []
        for each in early:
            pushes(*each)

    async def make_resources(self) -> None:
        """Carry out the scenario's operations in their order.

        :raises AccountRefusedError: a service refused one.
        :raises OurFailure: whatever answers has failed.
        """
        for number, (operation, parameters) in enumerate(self._settings.operations()):
            if operation.written == MAPPING:
                continue
            wanted = Operation(operation.service, operation_name(operation), parameters, self._settings.region)
            reply = await self._account.call(wanted, f"resource/{number}")
            self.push(reply.answer.pushed, Origin())
            if said := reply.refused:
                self._log.append(
                    AccountRefused(
                        why=say(
                            "resource-refused",
                            field=f"account.resources[{number}]",
                            operation=operation.written,
                            said=cut(said, _SAID_CHARACTERS_MAX),
                        )
                    )
                )
                raise AccountRefusedError
        await self._watch.look_first()

    async def call(self, step: int, call: AccountCall) -> None:
        """A caller from outside makes a call; what the service answers, or has against it, is recorded.

        :param step: which step of the scenario it is, from 0.
        :raises OurFailure: whatever answers has failed.
        """
        wanted = Operation(
            call.operation.service, operation_name(call.operation), call.parameters, self._settings.region
        )
        note = self._record.from_outside(step, call.principal or "", wanted)
        if call.operation.written == MAPPING:
            assert self.mapped_by is not None  # steps are played when the account is connected
            note(await self.mapped_by(call.parameters))
            return
        answer = await self._answered(wanted, f"step-{step}/1")
        note(answer)
        self.push(answer.pushed, Origin(principal=call.principal or ""))

    async def send(self, why: ByLambda, index: int, request_id: str, operation: Operation) -> None:
        """Lambda sends what became of request ``index``; what the service answers is recorded.

        :raises OurFailure: whatever answers has failed.
        """
        note = self._record.from_lambda(why, request_id, operation)
        answer = await self._answered(operation, f"{why}-{index}/1")
        note(answer)
        self.push(answer.pushed, Origin(index, request_id))

    def note_call(self, why: ByLambda, request_id: str, operation: Operation, answer: AwsAnswer) -> None:
        """Record a call of Lambda's that was answered."""
        self._record.from_lambda(why, request_id, operation)(answer)

    async def move_workflows(self, now_ms: int, done: Sequence[Mapping[str, Any]]) -> WorkflowNews:
        """See :meth:`.base.Account.move_workflows`."""
        news = await self._account.move_workflows(now_ms, done, f"workflows/{next(self._moves)}")
        self._has_changed = self._has_changed or bool(news.told)
        return news

    def note_call_of_workflow(
        self, request_id: str | None, step: int | None, principal: str, told: tuple[str, str, str], answer: AwsAnswer
    ) -> None:
        """Record a call of a Task state's that was answered; see :meth:`.record.CallRecord.from_workflow`."""
        self._record.from_workflow(request_id, step, principal, told, answer)

    def push(self, pushed: Sequence[Pushed], origin: Origin) -> None:
        """Hand on what services sent to functions because of a call."""
        if self._pushes is None:
            self._early.append((pushed, origin))
        else:
            self._pushes(pushed, origin)

    async def carry_out(self, operation: Operation, seed: str) -> Reply:
        """Have an operation carried out that is none of any caller's, and not recorded.

        Whoever asks for it says by :meth:`note_changed` whether that changed anything.
        """
        return await self._account.call(operation, seed)

    def note_changed(self) -> None:
        """Such an operation changed the account: what the next request finds is not what the one before found."""
        self._has_changed = True
        self._watch.note_change()

    def tell(self) -> None:
        """Tell whoever listens that it may have changed."""
        self.note_changed()
        for tell in self.listeners:
            tell()

    async def hidden(self, queue: str) -> Hidden:
        """See :meth:`.base.Account.hidden`."""
        return await self._account.hidden(queue)

    async def stream_records(
        self, kind: str, name: str, after: Mapping[str, int], count: int
    ) -> dict[str, list[dict[str, Any]]]:
        """See :meth:`.base.Account.stream_records`."""
        return await self._account.stream_records(kind, name, after, count)

    async def pass_time(self) -> None:
        """Service time was skipped: the account's is so far ahead, too."""
        await self._account.pass_time((self._log.service_us() - self._log.now_us()) // 1_000)

    async def _answered(self, operation: Operation, seed: str) -> AwsAnswer:
        self._note_change(operation.name)
        try:
            answer = (await self._account.call(operation, seed)).answer
        except AccountTooSlowError:
            answer = _TOO_SLOW
        self._note_change(operation.name)
        return answer

    async def begin(self, index: int, attempt: int = 1) -> None:
        """An attempt at a request begins: keep what it finds."""
        self.relay.begin_attempt(index)
        await self._watch.begin(index, attempt)
        # Whoever comes while a copy is made waits for it: until then there is none of what it finds.
        async with self._keeping:
            if self._has_changed and len(self._kept) < limits.ACCOUNT_MOMENTS_MAX:
                self._has_changed = False
                self._kept.append(await self._account.copy())
        if self._has_changed:
            self._moments.pop(index, None)
        else:
            self._moments[index] = self._kept[-1]

    async def answered(self, index: int, attempt: int = 1) -> None:
        """It was answered: say what changed meanwhile."""
        await self._watch.end(index, attempt)

    async def look_last(self) -> None:
        """Nothing is served any more: say what it holds."""
        await self._watch.look_last()

    async def as_of(self, index: int) -> Account:
        """A copy of the account as it was when that request came.

        :raises MomentNotKeptError: there is none.
        """
        if index not in self._moments:
            raise MomentNotKeptError
        return await self._moments[index].copy()

    def settle(self) -> None:
        """No request is to come: write what is left to be recorded.

        :raises OurFailure: the account failed where a call met it.
        """
        self._record.settle()
        self.relay.check()

    async def close(self) -> None:
        """Forget it, with every copy."""
        await undisturbed(together(each.end() for each in (self._account, *self._kept)))

    def _note_change(self, operation: str) -> None:
        if not only_reads(operation):
            self.tell()
        if operation in _MOVE_WORKFLOWS and self.when_workflows_change is not None:
            self.when_workflows_change()


class ReplayAccount:
    """What one replay meets: at each request, the account as it was when that request, or another, came in the run."""

    def __init__(self, run: RunAccount, settings: AccountSettings, log: EventLog, clock: Clock) -> None:
        self._run = run
        self._offered = settings.offered
        self._now: Account | None = None
        self._past: list[Account] = []
        self.relay = Relay(self._current, CallRecord(log, clock), settings.offered, name=_FIRST_ENVIRONMENT)

    async def turn_to(self, index: int, as_of: int = 0) -> None:
        """A request begins.

        :param as_of: the request of the run that found what this one finds; itself by default.
        :raises MomentNotKeptError: what it found was not kept.
        """
        self.relay.begin_attempt(index)
        self._now = await self._run.as_of(as_of or index)
        self._past.append(self._now)

    def beside(self, log: EventLog, clock: Clock) -> Relay:
        """Another way to what this one has now, for a function that its function calls."""
        return Relay(self._current, CallRecord(log, clock), self._offered, name=_FIRST_ENVIRONMENT)

    async def close(self) -> None:
        """Forget it."""
        await undisturbed(together(each.end() for each in self._past))

    def _current(self) -> Account:
        if self._now is None:
            raise AccountLost("a replay called a service before its first request")
        return self._now


async def opened(answering: Answering, settings: AccountSettings, log: EventLog, clock: Clock) -> RunAccount:
    """The account of a run, with the scenario's resources.

    :raises AccountRefusedError: one cannot be made.
    :raises OurFailure: whatever answers cannot be had, or failed.
    """
    needed = dict.fromkeys(operation.service for operation, _ in settings.operations())
    account = RunAccount(await answering.open(needed), settings, log, clock)
    try:
        await account.make_resources()
    except BaseException:
        await account.close()
        raise
    return account
