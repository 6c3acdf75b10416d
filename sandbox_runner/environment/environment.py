"""One execution environment: fires its lifecycle's triggers, talks to its sandbox, records what happens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sandbox_runner import limits
from sandbox_runner.environment import answers, extensions, identity
from sandbox_runner.environment.answers import Streamed
from sandbox_runner.environment.guest_configuration import configuration
from sandbox_runner.environment.guest_link import GuestLink, Serving, unexpected
from sandbox_runner.environment.init_records import InitRecords
from sandbox_runner.environment.output import LogAllowance, OutputRecord, state_captured
from sandbox_runner.environment.telemetry import EnvironmentLog
from sandbox_runner.events.records import (
    AnswerStreamed,
    EndedBy,
    EnvironmentFrozen,
    EnvironmentReset,
    EnvironmentResetDone,
    EnvironmentShutdown,
    EnvironmentTerminated,
    InitializationName,
    Metrics,
    PhaseName,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
    Record,
    StartKind,
    Status,
)
from sandbox_runner.guest import wire
from sandbox_runner.rules.billing import report_metrics
from sandbox_runner.rules.lifecycle import Lifecycle, State, Trigger
from sandbox_runner.rules.phases import NO_EXTENSIONS, shutdown_rule
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.backends.base import Sandbox
    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.answers import Answer
    from sandbox_runner.environment.attempt import Attempt
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.peers.reach import Reach
    from sandbox_runner.scenario.model import Function

ResetReason: TypeAlias = Literal["failure", "timeout"]
Leave: TypeAlias = "Callable[[Sandbox], bool]"
"""Takes a sandbox in which nothing of the function runs any more; false if it does not want it."""

_US: Final = 1_000_000
_RESET_WITHIN_S: Final = 10.0

_INIT_STATUS: Final[dict[str, tuple[Trigger, Status]]] = {
    "success": (Trigger.INIT_DONE, "success"),
    "error": (Trigger.INIT_FAILED, "error"),
    "timeout": (Trigger.INIT_TIMED_OUT, "timeout"),
}


class Environment:
    """Drives one environment through :mod:`sandbox_runner.rules.lifecycle`.

    Not concurrent: the service never calls two of these methods at the same time.

    :param name: its name in the event log, ``env-1``.
    :param stream: its CloudWatch log stream.
    :param initialization: its initialization type in variables and records.
    :param init_limit_s: the limit of its init phase; a suppressed init has the function's timeout instead.
    :param probe: whether the guest walks the state after each answer; never in a run's own environments.
    :param reach: what it can reach.
    :param restore: what the probe restores, as in :class:`sandbox_runner.guest.wire.Configure`.
    :param gives_way: whether what runs in it has a lower priority than its supervisor.
    """

    def __init__(
        self,
        name: str,
        function: Function,
        link: GuestLink,
        log: EventLog,
        clock: Clock,
        *,
        stream: str,
        allowance: LogAllowance,
        initialization: InitializationName = "on-demand",
        init_limit_s: float = limits.ON_DEMAND_INIT_S,
        probe: bool = False,
        reach: Reach | None = None,
        restore: str = "",
        gives_way: bool = True,
    ) -> None:
        self.name = name
        self._function = function
        self._link = link
        self._log = EnvironmentLog(log, name, link, json_format=function.log_format == "json")
        self._clock = clock
        self._initialization = initialization
        self._init_limit_s = init_limit_s
        self._configuration = partial(
            configuration,
            function,
            stream=stream,
            initialization=initialization,
            probe=probe,
            reach=reach,
            restore=restore,
            gives_way=gives_way,
            log_lines_max=allowance.lines_max,
        )
        # Those of the current processes, which decide how they are ended.
        self._extensions = NO_EXTENSIONS
        self._lifecycle = Lifecycle()
        self._output = OutputRecord(self._log, allowance)
        self._init_records = InitRecords(initialization, "init")
        self._attempt: Attempt | None = None
        self._given: Answer | None = None
        self._streamed = Streamed()
        self._indexes: dict[str, int] = {"": 0}
        self._started = self._runtime_is_done = False
        # When its suppressed init began, for an invocation that had one.
        self._since_us: int | None = None
        self._unreported_init_us: int | None = None
        self._peak_kb = 0

    @property
    def state(self) -> State:
        """Its lifecycle state."""
        return self._lifecycle.state

    def next_start(self) -> StartKind:
        """What the next request here meets: a warm runtime, or a suppressed init."""
        return "warm" if self._lifecycle.can(Trigger.THAW) else "suppressed-init"

    async def initialize(self, *, freeze: bool = False) -> None:
        """Run the init phase. A failure is recorded, and the next invocation repeats the init.

        :param freeze: nothing waits for it, so freeze as soon as the runtime is ready.
        :raises OurFailure: the sandbox, not the user's code, failed.
        """
        self._lifecycle.fire(Trigger.START_INIT)
        await self._link.send(await self._configuration())
        done = await self._init("init", round(self._init_limit_s * _US), freeze=freeze)
        if done.status == "error" and done.body:
            self._note(answers.recorded_failure(done), guest_us=done.at_us)
        if done.status != "success" and done.extensions:
            await self._end_processes("timeout" if done.status == "timeout" else "failure", done.exit)
        self._lifecycle.fire(_INIT_STATUS[done.status][0])
        self._output.settle(None)
        if done.status == "success":
            # A provisioned environment's init is on no REPORT: it was long before, see
            # https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
            self._unreported_init_us = _length(done) if self._initialization == "on-demand" else None
            if freeze:
                await self._freeze()

    async def freeze(self) -> None:
        """Freeze it if its init succeeded: the request it was created for has gone elsewhere."""
        if self._lifecycle.can(Trigger.FREEZE):
            await self._link.send(wire.Freeze())
            await self._freeze()

    async def invoke(self, attempt: Attempt) -> Answer:
        """Run one attempt to its end and return its caller's answer.

        Afterwards the environment is frozen, or needs its init again.

        :raises OurFailure: the sandbox, not the user's code, failed.
        """
        self._attempt, self._given, self._since_us, self._streamed = attempt, None, None, Streamed()
        self._started = self._runtime_is_done = False
        self._indexes[attempt.request_id] = attempt.index
        self._link.serving = Serving(attempt.index, attempt.request_id)
        if self._lifecycle.can(Trigger.THAW):
            self._lifecycle.fire(Trigger.THAW)
        begun_us = self._clock.monotonic_us()
        deadline_ms = self._clock.epoch_ms() + self._function.timeout_s * 1000
        if self._lifecycle.fire(Trigger.START_INVOKE) is State.SUPPRESSED_INIT:
            await self._suppressed_init_then_deliver(attempt, begun_us, deadline_ms)
        else:
            await self._deliver(attempt, deadline_ms, self._function.timeout_s * _US)
        self._attempt = None
        assert self._given is not None  # every way through an invocation ends with an answer
        return self._given

    async def shutdown(self, reason: EndedBy, leave: Leave | None = None) -> None:
        """Shut down by the rules: without extensions everything is killed at once, without a signal before.

        :param leave: who takes the sandbox, which is destroyed otherwise. Not one in which extensions were told.
        """
        self._lifecycle.fire(Trigger.SHUTDOWN)
        budget_ms = shutdown_rule(self._extensions).budget_ms
        self._note(EnvironmentShutdown(reason=reason, budget_ms=budget_ms))
        leaves = leave is not None and not budget_ms
        done = await self._end_guest(budget_ms, leaves=leaves)
        self._lifecycle.fire(Trigger.SHUTDOWN_DONE)
        # The function's processes are gone here; the engine's time to remove the sandbox is not Lambda's time.
        self._note(EnvironmentTerminated(ended_by=reason), guest_us=done.at_us)
        if leave is None or not leaves or not leave(self._link.sandbox):
            await self._link.sandbox.destroy()

    async def _end_guest(self, budget_ms: int, *, leaves: bool) -> wire.ShutdownDone | wire.ResetDone:
        """End the function's processes; the supervisor goes with them unless its sandbox ``leaves``."""
        if leaves:
            await self._link.send(wire.Reset(reason="spindown", budget_ms=budget_ms))
            return await self._link.receive_until(wire.ResetDone, self._observe, within_s=_RESET_WITHIN_S)
        await self._link.send(wire.Shutdown(reason="spindown", budget_ms=budget_ms))
        return await self._link.receive_until(wire.ShutdownDone, self._observe, within_s=budget_ms / 1000)

    async def destroy(self) -> None:
        """End it, whatever it is doing."""
        await self._link.sandbox.destroy()
        if self._lifecycle.can(Trigger.DESTROYED):
            self._lifecycle.fire(Trigger.DESTROYED)
            self._note(EnvironmentTerminated(ended_by="run-ended"))

    # --- init ----------------------------------------------------------------------------------------------------

    async def _init(self, phase: PhaseName, limit_us: int, *, freeze: bool = False) -> wire.InitDone:
        versions = self._link.versions(self._function.played_on)
        self._init_records = records = InitRecords(self._initialization, phase)
        self._note(records.start(self._function, versions))
        await self._link.send(wire.Init(phase=phase, limit_us=limit_us, freeze=freeze))
        done = await self._link.receive_until(wire.InitDone, self._observe, within_s=limit_us / _US)
        self._peak_kb = max(self._peak_kb, done.peak_memory_kb)
        if done.status not in _INIT_STATUS:
            raise unexpected(done)
        self._extensions = extensions.counted(done)
        for each in records.end(done, _INIT_STATUS[done.status][1]):
            self._note(each, guest_us=done.at_us)
        return done

    # --- invoke --------------------------------------------------------------------------------------------------

    async def _suppressed_init_then_deliver(self, attempt: Attempt, begun_us: int, deadline_ms: int) -> None:
        done = await self._init("invoke", self._function.timeout_s * _US)
        trigger, status = _INIT_STATUS[done.status]
        self._lifecycle.fire(trigger)
        if trigger is Trigger.INIT_DONE:
            left_us = self._function.timeout_s * _US - (self._clock.monotonic_us() - begun_us)
            self._since_us = done.started_us
            await self._deliver(attempt, deadline_ms, max(1, left_us))
            return
        self._answer(answers.from_failed_init(done, self._asked(attempt)), done.at_us)
        self._note_started(done.at_us)
        await self._reset_and_report(done, status, _length(done))

    async def _deliver(self, attempt: Attempt, deadline_ms: int, timeout_us: int) -> None:
        headers = identity.next_headers(
            self._function,
            request_id=attempt.request_id,
            invocation_id=attempt.invocation_id,
            deadline_ms=deadline_ms,
            trace=attempt.trace,
            client_context=attempt.client_context,
        )
        await self._link.send(wire.Invoke(attempt.request_id, timeout_us, headers, attempt.payload, attempt.fault))
        done = await self._link.receive_until(wire.InvokeDone, self._observe, within_s=timeout_us / _US)
        self._peak_kb = max(self._peak_kb, done.peak_memory_kb)
        self._note_started(done.started_us)
        duration_us = self._duration_us(done)
        if done.status == "success":
            await self._ended_well(done, duration_us)
        else:
            await self._ended_badly(attempt, done, duration_us)

    async def _ended_well(self, done: wire.InvokeDone, duration_us: int) -> None:
        if self._given is None:
            raise unexpected(done)
        self._lifecycle.fire(Trigger.INVOKE_DONE)
        self._runtime_done("success", duration_us, None, done.at_us)
        self._report("success", duration_us, None, done.at_us)
        await self._freeze()

    async def _ended_badly(self, attempt: Attempt, done: wire.InvokeDone, duration_us: int) -> None:
        timed_out, of_extension = done.status == "timeout", bool(done.error_type)
        if self._given is None:
            failed = answers.from_failed_invoke(done, self._asked(attempt))
            self._answer(answers.after(failed, self._streamed), done.at_us)
        exited = Trigger.EXTENSION_EXITED if of_extension else Trigger.RUNTIME_EXITED
        self._lifecycle.fire(Trigger.INVOKE_TIMED_OUT if timed_out else exited)
        await self._reset_and_report(done, "timeout" if timed_out else "error", duration_us)

    def _asked(self, attempt: Attempt) -> answers.Asked:
        function = self._function
        return answers.Asked(attempt.request_id, function.timeout_s, function.log_style, self._clock.epoch_ms())

    async def _reset_and_report(self, done: wire.InitDone | wire.InvokeDone, status: Status, duration_us: int) -> None:
        error_type = answers.logged_error_type(done)
        self._runtime_done(status, duration_us, error_type, done.at_us)
        # Remaining output in the pipes arrives while the processes die, so before the report.
        await self._reset("timeout" if status == "timeout" else "failure", done.exit)
        self._report(status, duration_us, error_type, done.at_us)

    async def _reset(self, reason: ResetReason, how: str) -> None:
        await self._end_processes(reason, how)
        self._lifecycle.fire(Trigger.RESET_DONE)

    async def _end_processes(self, reason: ResetReason, how: str) -> None:
        self._note(EnvironmentReset(reason=reason, how=well_formed(how)))
        await self._link.send(wire.Reset(reason=reason, budget_ms=shutdown_rule(self._extensions).budget_ms))
        done = await self._link.receive_until(wire.ResetDone, self._observe, within_s=_RESET_WITHIN_S)
        self._extensions = NO_EXTENSIONS
        self._note(EnvironmentResetDone(killed=done.killed), guest_us=done.at_us)

    async def _freeze(self) -> None:
        frozen = await self._link.receive_until(wire.Frozen, self._observe, within_s=_RESET_WITHIN_S)
        self._lifecycle.fire(Trigger.FREEZE)
        self._note(EnvironmentFrozen(processes=frozen.processes, worked_us=frozen.worked_us), guest_us=frozen.at_us)

    # --- what the guest says on the way --------------------------------------------------------------------------

    def _observe(self, message: wire.GuestMessage) -> None:
        match message:
            case wire.Logs():
                self._output.lines(message, self._request_id)
            case wire.Cut():
                self._output.cut(message, self._request_id)
            case wire.Started():
                self._note_started(message.at_us)
            case wire.AnswerPart() if self._attempt and self._given is None:
                self._part(self._attempt, message)
            case wire.Answered() if self._attempt and self._given is None:
                self._answer(answers.from_runtime(message, self._streamed), message.at_us)
            case wire.RuntimeDone(request_id=""):
                self._note(self._init_records.runtime_done(), guest_us=message.at_us)
            case wire.RuntimeDone():
                self._runtime_done("success", self._duration_us(message), None, message.at_us)
            case wire.StateCaptured():
                after = self._attempt.index if self._attempt and message.after != "init" else 0
                self._note(state_captured(message, after, self._indexes), guest_us=message.at_us)
            case _ if not self._log.observe(message, self._request_id):
                raise unexpected(message)

    # --- records -------------------------------------------------------------------------------------------------

    @property
    def _request_id(self) -> str | None:
        return self._attempt.request_id if self._attempt else None

    def _note(self, record: Record, *, guest_us: int | None = None) -> None:
        self._log.append(record, request_id=self._request_id, guest_us=guest_us)

    def _note_started(self, guest_us: int) -> None:
        if not self._started and self._request_id is not None:
            self._started = True
            self._note(PlatformStart(request_id=self._request_id, version=identity.VERSION), guest_us=guest_us)

    def _part(self, attempt: Attempt, part: wire.AnswerPart) -> None:
        self._streamed.add(part)
        if self._streamed.chunks <= limits.CHUNKS_MAX:
            chunk = AnswerStreamed(index=attempt.index, attempt=attempt.number, bytes=len(part.body))
            self._note(chunk, guest_us=part.at_us)
        if attempt.hear is not None:
            attempt.hear(part)

    def _answer(self, answer: Answer, guest_us: int) -> None:
        if self._attempt is None:
            return
        self._given = answer
        record = answers.recorded(answer, self._attempt.index, self._attempt.number)
        self._note(record, guest_us=guest_us)

    def _duration_us(self, done: wire.InvokeDone | wire.RuntimeDone) -> int:
        """From the delivery of the invocation, or from the beginning of its suppressed init."""
        return max(0, done.at_us - (done.started_us if self._since_us is None else self._since_us))

    def _runtime_done(self, status: Status, duration_us: int, error_type: str | None, guest_us: int) -> None:
        """The runtime is done, unless that is known: extensions may go on after it."""
        if self._runtime_is_done:
            return
        self._runtime_is_done = True
        metrics = Metrics(duration_ms=duration_us / 1000)
        done = PlatformRuntimeDone(
            request_id=self._request_id or "", status=status, metrics=metrics, error_type=error_type
        )
        self._note(done, guest_us=guest_us)

    def _report(self, status: Status, duration_us: int, error_type: str | None, guest_us: int) -> None:
        self._output.settle(self._request_id)
        metrics = report_metrics(
            duration_us=duration_us,
            init_us=self._unreported_init_us,
            memory_mb=self._function.memory_mb,
            peak_kb=self._peak_kb,
        )
        self._unreported_init_us = None
        report = PlatformReport(
            request_id=self._request_id or "", status=status, metrics=metrics, error_type=error_type
        )
        self._note(report, guest_us=guest_us)


def _length(done: wire.InitDone) -> int:
    return max(0, done.at_us - done.started_us)
