"""An environment that serves several requests at once, as on Managed Instances."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.environment import answers, identity
from sandbox_runner.environment.answers import Streamed
from sandbox_runner.environment.environment import Environment
from sandbox_runner.environment.guest_link import Serving, unexpected
from sandbox_runner.events.records import Metrics, PlatformReport, PlatformRuntimeDone, PlatformStart
from sandbox_runner.guest import wire
from sandbox_runner.rules.lifecycle import Trigger

if TYPE_CHECKING:
    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.environment.attempt import Attempt
    from sandbox_runner.environment.environment import Leave
    from sandbox_runner.events.records import PhaseName, Record, StartKind, Status

_US: Final = 1_000_000
_STATUS: Final[dict[str, Status]] = {"success": "success", "timeout": "timeout", "exited": "error"}
# What the clients of AWS call it in their lines.
_REQUEST_ID: Final = "requestId"


@dataclass(slots=True)
class _UnderWay:
    """One of the invocations that are under way, and its answer once there is one."""

    attempt: Attempt
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    answer: Answer | None = None


class OverlappingEnvironment(Environment):
    """Drives one environment in which invocations may be under way beside each other.

    It is never frozen. An invocation over the function's timeout is failed, and nothing else happens. With the
    runtime's process the environment ends; nothing is repeated in it, and what failed to initialise serves nobody.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html

    :param concurrency: how many requests it serves at once.
    :ivar leave: who takes the sandbox when it ends by itself; by default it is destroyed.
    """

    def __init__(self, *args: Any, concurrency: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._configuration = partial(self._configuration, concurrency=concurrency)
        self.leave: Leave | None = None
        self._under_way: dict[str, _UnderWay] = {}
        self._listening: asyncio.Task[None] | None = None
        self._ended: wire.InitDone | wire.InvokeDone | None = None

    @property
    def serves(self) -> bool:
        """Whether it may be given one more request."""
        return self._ended is None

    def next_start(self) -> StartKind:
        """Every request meets a runtime that runs."""
        return "warm"

    async def initialize(self, *, freeze: bool = False) -> None:  # noqa: ARG002 - the signature of all environments
        """Run the init phase. A failure is recorded, and told to whoever waits for it."""
        await super().initialize()

    async def freeze(self) -> None:
        """It is never frozen."""

    async def invoke(self, attempt: Attempt) -> Answer:
        """Run one attempt to its end, beside others, and return its caller's answer.

        :raises OurFailure: the sandbox, not the user's code, failed.
        """
        one = _UnderWay(attempt)
        self._indexes[attempt.request_id] = attempt.index
        if self._ended is not None:
            return await self._answer_for_the_ended(one, self._ended)
        self._link.serving = Serving(attempt.index, attempt.request_id)
        if not self._under_way:
            self._lifecycle.fire(Trigger.START_INVOKE)
        self._under_way[attempt.request_id] = one
        await self._hand_over(attempt)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.ensure_future(self._listen())
        await one.done
        if self._ended is not None:
            await self._listening
        assert one.answer is not None  # every way through an invocation ends with an answer
        return one.answer

    async def destroy(self) -> None:
        """End it, whatever it is doing."""
        if self._listening is not None:
            self._listening.cancel()
        await super().destroy()

    # --- the guest ------------------------------------------------------------------------------------------------

    async def _init(self, phase: PhaseName, limit_us: int, *, freeze: bool = False) -> wire.InitDone:
        done = await super()._init(phase, limit_us, freeze=freeze)
        if done.status != "success":
            self._ended = done
        return done

    async def _hand_over(self, attempt: Attempt) -> None:
        timeout_s = self._function.timeout_s
        headers = identity.next_headers(
            self._function,
            request_id=attempt.request_id,
            invocation_id=attempt.invocation_id,
            deadline_ms=self._clock.epoch_ms() + timeout_s * 1000,
            trace=attempt.trace,
            client_context=attempt.client_context,
        )
        await self._link.send(wire.Invoke(attempt.request_id, timeout_s * _US, headers, attempt.payload))

    async def _listen(self) -> None:
        """Hear what the guest says as long as something is under way; then end what cannot go on."""
        try:
            while self._under_way:
                within_s = self._function.timeout_s
                self._end(await self._link.receive_until(wire.InvokeDone, self._observe, within_s=within_s))
        except Exception as problem:  # noqa: BLE001 - whoever waits for an answer raises it
            for one in self._under_way.values():
                if not one.done.done():
                    one.done.set_exception(problem)
            return
        if self._ended is not None:
            await self._reset("failure", self._ended.exit)
            await self.shutdown("failure", self.leave)

    def _observe(self, message: wire.GuestMessage) -> None:
        match message:
            case wire.Logs():
                for line in message.lines:
                    self._output.lines(wire.Logs([line], self._written_by(line.text)), None)
            case wire.Started() if message.request_id in self._under_way:
                started = PlatformStart(request_id=message.request_id, version=identity.VERSION)
                self._note_of(message.request_id, started, message.at_us)
            case wire.Answered() if message.request_id in self._under_way:
                one = self._under_way[message.request_id]
                self._answered(one, answers.from_runtime(message, Streamed()), message.at_us)
            case _:
                super()._observe(message)

    def _written_by(self, line: str) -> str:
        """The id of the request that a line says it is of, if it is one that was here."""
        if not line.startswith("{"):
            return ""
        try:
            said = json.loads(line).get(_REQUEST_ID)
        except (ValueError, RecursionError):
            return ""
        return said if isinstance(said, str) and said in self._indexes else ""

    # --- ends -----------------------------------------------------------------------------------------------------

    def _end(self, done: wire.InvokeDone) -> None:
        one = self._under_way.pop(done.request_id, None)
        if one is None or done.status not in _STATUS or (done.status == "success" and one.answer is None):
            raise unexpected(done)
        if one.answer is None:
            self._answered(one, answers.from_failed_invoke(done, self._asked(one.attempt)), done.at_us)
        self._report_of(done)
        if done.status == "exited":
            self._ended = done
        if not self._under_way:
            self._lifecycle.fire(Trigger.RUNTIME_EXITED if self._ended else Trigger.INVOKE_DONE)
        if not one.done.done():
            one.done.set_result(None)

    def _report_of(self, done: wire.InvokeDone) -> None:
        """Of one invocation there is its time: others share the memory.

        Source: aws/aws-lambda-runtime-interface-emulator, internal/lambda-managed-instances/interop/events_api.go.
        """
        self._output.settle(done.request_id)
        status, error_type = _STATUS[done.status], answers.logged_error_type(done)
        metrics = Metrics(duration_ms=max(0, done.at_us - done.started_us) / 1000)
        for kind in (PlatformRuntimeDone, PlatformReport):
            record = kind(request_id=done.request_id, status=status, metrics=metrics, error_type=error_type)
            self._note_of(done.request_id, record, done.at_us)

    async def _answer_for_the_ended(self, one: _UnderWay, ended: wire.InitDone | wire.InvokeDone) -> Answer:
        """The answer to a request that came to an environment which had come to its end."""
        asked = self._asked(one.attempt)
        if isinstance(ended, wire.InitDone):
            self._answered(one, answers.from_failed_init(ended, asked), ended.at_us)
        else:
            self._answered(one, answers.from_failed_invoke(ended, asked), ended.at_us)
        if self._lifecycle.can(Trigger.SHUTDOWN):
            await self.shutdown("failure", self.leave)
        assert one.answer is not None  # it has just been given one
        return one.answer

    def _answered(self, one: _UnderWay, answer: Answer, guest_us: int) -> None:
        if one.answer is None:
            one.answer = answer
            record = answers.recorded(answer, one.attempt.index, one.attempt.number)
            self._note_of(one.attempt.request_id, record, guest_us)

    def _note_of(self, request_id: str, record: Record, guest_us: int) -> None:
        self._log.append(record, request_id=request_id, guest_us=guest_us)
