"""The supervisor: process 1 of a sandbox, between the host and the function.

It tracks one environment's phase (an init, an invocation, a shutdown) and ends it at whichever comes first: the runtime
asks for its next event, its process ends, or the time is up. Everything happens in callbacks of one event loop; nothing
is awaited while a function runs, so that an answer reaches the host in the same turn in which it was read.

In: host messages of :mod:`.wire`. Out: guest messages of it, in the order in which things happened.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from .apis.runtime import HOST, PORT, RuntimeAnswer, RuntimeApi
from .manifest import EntryPointError
from .output import PhaseLog
from .peers import PeerPorts
from .phase import Phase
from .poller import Poller
from .processes import worked_us
from .runtime_process import RuntimeProcess
from .task_files import link_packages, link_runtime, write_task_files
from .transforming import transform
from .wipe import wipe
from .wire import (
    Answered,
    Configure,
    Cut,
    Fault,
    Freeze,
    Frozen,
    GuestMessage,
    HostMessage,
    Init,
    InitDone,
    Invoke,
    InvokeDone,
    Logs,
    Reset,
    ResetDone,
    Shutdown,
    ShutdownDone,
    Started,
    StateCaptured,
    Thawed,
    Wipe,
    WipeDone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .host_link import HostLink
    from .manifest import Runtime

# How long lines are collected before they are sent, unless there are many.
_BATCH_S = 0.01
_BATCH_BYTES = 64 * 1024
# After /init/error the client logs and exits by itself; its end is part of what the log shows.
_EXIT_GRACE_S = 0.5
# The runtime's part of a shutdown's budget after SIGTERM: internal/lambda/rapid/shutdown.go of the emulator.
_RUNTIME_SHARE = 0.3


class Supervisor:
    """Executes the host's orders and handles the Runtime API. ``on_end`` is called when there is nothing left to do."""

    def __init__(self, runtimes: Mapping[str, Runtime], on_end: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._runtimes = runtimes
        self._on_end = on_end
        self.api = RuntimeApi(self)
        self.link: HostLink | None = None
        self._peers = PeerPorts(self._send)
        self._log = PhaseLog(0, 0)
        self._made: dict[bytes, str] = {}
        self._function: Configure | None = None
        self._process: RuntimeProcess | None = None
        self._phase: Phase | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._batch: asyncio.TimerHandle | None = None
        self._lookout = Poller(self._look_around)

    # --- the host -------------------------------------------------------------------------------------------------

    def obey(self, message: HostMessage) -> None:
        """Execute an order. Failures here are ours, and are reported as such."""
        try:
            self._obey(message)
        except Exception as problem:  # noqa: BLE001 - the one place that turns our own errors into a Fault
            self._send(Fault(f"{type(message).__name__}: {type(problem).__name__}: {problem}"))
            if isinstance(message, Wipe):
                # A sandbox that is not clean serves nobody any more, whatever the host would order next.
                self._on_end()

    def host_gone(self) -> None:
        """The host closed the wire: there is nobody to run for."""
        self._on_end()

    def host_has_room(self) -> None:
        """The host caught up: resume reading."""
        if self._process is not None:
            self._process.resume_output()

    def _obey(self, message: HostMessage) -> None:
        match message:
            case Invoke():
                self._invoke(message)
            case Configure():
                self._configure(message)
            case Init():
                self._init(message)
            case Freeze():
                self._freeze()
            case Reset():
                self._reset()
            case Wipe():
                self._wipe()
            case Shutdown():
                self._shutdown(message)
            case _:
                self._peers.obey(message)

    def _configure(self, message: Configure) -> None:
        runtime = self._runtimes[message.runtime]
        files = json.loads(message.body or b"{}")
        write_task_files(files | transform(files, message.transforms, runtime.transformer, self._made))
        if link_packages():
            runtime = runtime.with_installed()
        link_runtime(runtime.name, trust=message.trust)
        self._peers.serve(message.peers, message.names)
        self._log = PhaseLog(message.log_lines_max, message.log_bytes_max)
        self._function = message
        self._process = RuntimeProcess(
            message, runtime, f"{HOST}:{PORT}", self._log, on_lines=self._lines_came, on_kill=self._peers.drop
        )

    def _init(self, order: Init) -> None:
        function, process = self._configured()
        self.api.renew(function.response_bytes_max)
        self._begin(order, order.limit_us)
        try:
            process.start()
        except EntryPointError:
            self._runtime_ended()
            return
        self._lookout.begin()

    def _invoke(self, order: Invoke) -> None:
        _, process = self._configured()
        self._begin(order, order.timeout_us)
        if not process.running:
            self._runtime_ended()
            return
        at = _now_us()
        if process.frozen:
            self._hold(Thawed(at, process.processes))
        if self.api.runtime_waits:
            self._hold(Started(order.request_id, at))
        # Last, so that the supervisor sleeps when the runtime wakes up; the event before the signal, because that wakes
        # the runtime once instead of twice.
        self.api.offer(order.request_id, order.headers, order.body)
        process.thaw()

    def _freeze(self) -> None:
        _, process = self._configured()
        count = process.freeze()
        process.drain()
        self._flush_lines()
        self._send(Frozen(_now_us(), count, worked_us()))

    def _reset(self) -> None:
        _, process = self._configured()
        started = _now_us()
        killed = process.kill()
        self.api.renew(self.api.response_bytes_max)
        self._send(*self._end_phase(), ResetDone(started, _now_us(), killed))

    def _wipe(self) -> None:
        killed = self._process.kill() if self._process is not None else 0
        self.api.renew(0)
        self._end_phase()
        self._lookout.end()
        self._process = self._function = None
        wipe()
        self._send(WipeDone(_now_us(), killed))

    def _shutdown(self, order: Shutdown) -> None:
        process = self._process
        self._end_phase()
        self._begin(order, int(order.budget_ms * 1000 * _RUNTIME_SHARE))
        if process is None or not process.running or not order.budget_ms:
            self._end_shutdown()
            return
        process.thaw()
        process.terminate()

    def _configured(self) -> tuple[Configure, RuntimeProcess]:
        if self._function is None or self._process is None:
            raise RuntimeError("no function is configured")
        return self._function, self._process

    # --- the runtime ----------------------------------------------------------------------------------------------

    def runtime_ready(self) -> None:
        """The runtime asks for its next event."""
        phase = self._phase
        if phase is None:
            return
        if isinstance(phase.order, Init):
            self._end_init(phase, phase.order, "success")
        elif isinstance(phase.order, Invoke):
            self._end_invoke(phase, phase.order, "success")

    def runtime_took_event(self) -> None:
        """The runtime asked late for an event that was waiting."""
        if self._phase is not None:
            self._send(Started(self._phase.request_id, _now_us()))

    def runtime_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered."""
        self._send(
            Answered(
                request_id=answer.request_id,
                kind=answer.kind,
                at_us=_now_us(),
                size=answer.size,
                content_type=answer.content_type,
                error_type=answer.error_type,
                too_large=answer.too_large,
                body=answer.body,
            )
        )

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """The runtime reported a failed init; give it a moment to end by itself."""
        phase = self._phase
        if phase is not None and isinstance(phase.order, Init):
            phase.reported = error_type, body
            left = phase.started_us + phase.order.limit_us - _now_us()
            self._set_deadline(min(left, int(_EXIT_GRACE_S * 1_000_000)))

    def children_ended(self) -> None:
        """Some process ended; if it is the runtime, the phase ends too."""
        if self._process is not None and self._process.notice_ends():
            self._runtime_ended()

    def _runtime_ended(self) -> None:
        phase = self._phase
        if phase is None:
            return
        if isinstance(phase.order, Init):
            self._end_init(phase, phase.order, "error")
        elif isinstance(phase.order, Invoke):
            self._end_invoke(phase, phase.order, "exited")
        else:
            self._end_shutdown()

    # --- phases ---------------------------------------------------------------------------------------------------

    def _begin(self, order: Init | Invoke | Shutdown, limit_us: int) -> None:
        if self._phase is not None:
            raise RuntimeError("another phase is under way")
        # Lines from before belong to no phase: they are sent under their old name.
        self._flush_lines()
        self._log.begin()
        self._phase = Phase(order, _now_us())
        self._set_deadline(limit_us)

    def _set_deadline(self, limit_us: int) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(max(0, limit_us) / 1_000_000, self._time_is_up)

    def _time_is_up(self) -> None:
        phase = self._phase
        if phase is None:
            return
        if isinstance(phase.order, Init):
            self._end_init(phase, phase.order, "error" if phase.reported else "timeout")
        elif isinstance(phase.order, Invoke):
            self._end_invoke(phase, phase.order, "timeout")
        else:
            self._end_shutdown()

    def _end_init(self, phase: Phase, order: Init, status: str) -> None:
        function, process = self._configured()
        at = _now_us()
        exited = status == "error" and not process.running
        count = process.freeze() if status == "success" and (order.freeze or function.probe) else 0
        if status == "success":
            process.drain()
            state = self._state("init", "") if function.probe else []
        else:
            process.kill()
            self.api.renew(self.api.response_bytes_max)
            state = []
        error_type, body = phase.reported or (process.exit_type if exited else "", b"")
        done = InitDone(
            phase=order.phase,
            status=status,
            started_us=phase.started_us,
            at_us=at,
            error_type=error_type,
            exited=exited,
            exit=process.exit if exited else "",
            out_of_memory=exited and process.out_of_memory,
            peak_memory_kb=process.peak_memory_kb,
            body=body,
        )
        frozen = [Frozen(_now_us(), count, worked_us())] if process.frozen and order.freeze else []
        self._send(*self._end_phase(), *state, done, *frozen)
        if process.frozen and not order.freeze:
            process.thaw()

    def _end_invoke(self, phase: Phase, order: Invoke, status: str) -> None:
        function, process = self._configured()
        at = _now_us()
        # Also after a timeout or an exit: remaining processes must not write until the host orders the reset.
        count = process.freeze()
        frozen_at = _now_us()
        process.drain()
        success = status == "success"
        state = self._state("invoke", order.request_id) if success and function.probe else []
        done = InvokeDone(
            request_id=order.request_id,
            status=status,
            started_us=phase.started_us,
            at_us=at,
            exit=process.exit if status == "exited" else "",
            out_of_memory=status == "exited" and process.out_of_memory,
            peak_memory_kb=process.peak_memory_kb,
        )
        self._send(*self._end_phase(), *state, done, *([Frozen(frozen_at, count, worked_us())] if success else []))

    def _end_shutdown(self) -> None:
        phase = self._phase
        killed = self._process.kill() if self._process is not None else 0
        started = phase.started_us if phase is not None else _now_us()
        self._send(*self._end_phase(), ShutdownDone(started, _now_us(), killed))
        self._on_end()

    def _end_phase(self) -> list[GuestMessage]:
        """Clear the phase; returns what is left to report of its output."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        request_id = self._phase.request_id if self._phase is not None else ""
        messages = self._taken_lines(request_id)
        lines, size = self._log.take_cut()
        if lines or size:
            messages.append(Cut(_now_us(), lines, size, request_id))
        self._phase = None
        return messages

    def _state(self, after: str, request_id: str) -> list[GuestMessage]:
        _, process = self._configured()
        body = process.captured_state(after, request_id)
        return [StateCaptured(after, _now_us(), request_id, body)]

    # --- output, memory -------------------------------------------------------------------------------------------

    def _lines_came(self) -> None:
        if self._log.pending_bytes > _BATCH_BYTES:
            self._flush_lines()
        elif self._log.lines and self._batch is None:
            self._batch = self._loop.call_later(_BATCH_S, self._flush_lines)

    def _flush_lines(self) -> None:
        request_id = self._phase.request_id if self._phase is not None else ""
        self._send(*self._taken_lines(request_id))

    def _taken_lines(self, request_id: str) -> list[GuestMessage]:
        if self._batch is not None:
            self._batch.cancel()
            self._batch = None
        return [Logs(self._log.take(), request_id)] if self._log.lines else []

    def _look_around(self) -> None:
        """Check for memory over the limit, and in a frozen sandbox for processes that woke up."""
        if self._process is not None and self._process.look_after():
            self._runtime_ended()

    def _hold(self, message: GuestMessage) -> None:
        if self.link is not None:
            self.link.hold(message)

    def _send(self, *messages: GuestMessage) -> None:
        if not messages or self.link is None:
            return
        self.link.send(*messages)
        if self.link.congested and self._process is not None:
            self._process.pause_output()


def _now_us() -> int:
    return time.monotonic_ns() // 1000
