"""The supervisor: process 1 of a sandbox, between the host and the function.

It tracks one environment's phase (an init, an invocation, a shutdown) and ends it at whichever comes first: the runtime
and every extension ask for their next event, one of their processes ends, or the time is up. Everything happens in
callbacks of one event loop; nothing is awaited while a function runs, so that an answer reaches the host in the same
turn in which it was read.

In: host messages of :mod:`.wire`. Out: guest messages of it, in the order in which things happened.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .apis.runtime import HOST, PORT, RuntimeApi
from .clock import now_us
from .endings import answered, init_done, invoke_done
from .extensions.goodbye import Goodbye
from .extensions.part import ExtensionsPart
from .function.loading import put_in_place
from .function.output import PhaseLog
from .function.processes import worked_us
from .function.runtime_process import RuntimeProcess
from .function.wipe import wipe
from .line_batches import LineBatches
from .manifest import EntryPointError
from .network.peers import PeerPorts
from .overlapping import OverlappingInvocations
from .phase import Phase
from .poller import Poller
from .wire import (
    AnswerPart,
    Configure,
    Fault,
    Freeze,
    Frozen,
    GuestMessage,
    HostMessage,
    Init,
    Invoke,
    Reset,
    ResetDone,
    RuntimeDone,
    Shutdown,
    ShutdownDone,
    Started,
    StateCaptured,
    Telemetry,
    Thawed,
    Wipe,
    WipeDone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .apis.posted import RuntimeAnswer
    from .host_link import HostLink
    from .manifest import Runtime

# After /init/error the client logs and exits by itself; its end is part of what the log shows.
_EXIT_GRACE_S = 0.5


class Supervisor:
    """Executes the host's orders and handles the Runtime API. ``on_end`` is called when there is nothing left to do."""

    def __init__(self, runtimes: Mapping[str, Runtime], on_end: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._runtimes = runtimes
        self._on_end = on_end
        self._extensions = ExtensionsPart(self._send, self._extensions_moved)
        self.api = RuntimeApi(self, self._extensions.api, self._extensions.telemetry)
        self.link: HostLink | None = None
        self._peers = PeerPorts(self._send)
        self._lines = LineBatches(self._send, self._request_id)
        self._overlapping = OverlappingInvocations(self.api, self._extensions, self._lines, self._send)
        self._made: dict[bytes, str] = {}
        self._function: Configure | None = None
        self._process: RuntimeProcess | None = None
        self._phase: Phase | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._goodbye: Goodbye | None = None
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
        self.api.host_has_room()
        if self._process is not None:
            self._process.resume_output()

    def _obey(self, message: HostMessage) -> None:
        match message:
            case Invoke() if self._overlapping.are_served:
                self._overlapping.begin(message)
            case Invoke():
                self._invoke(message)
            case Configure():
                self._configure(message)
            case Init():
                self._init(message)
            case Freeze():
                self._freeze()
            case Telemetry():
                self._extensions.streams.add(message)
            case Wipe():
                self._wipe()
            case Reset():
                self._configured()
                self._say_goodbye(message)
            case Shutdown():
                self._say_goodbye(message)
            case _:
                self._peers.obey(message)

    def _configure(self, message: Configure) -> None:
        runtime = put_in_place(message, self._runtimes, self._made)
        self._peers.serve(message.peers, message.names, message.peer_window_bytes)
        self._lines.log = log = PhaseLog(message.log_lines_max, message.log_bytes_max)
        self._function = message
        self._process = RuntimeProcess(
            message, runtime, f"{HOST}:{PORT}", log, on_lines=self._lines.came, on_kill=self._peers.drop
        )

    def _init(self, order: Init) -> None:
        function, process = self._configured()
        self.api.renew(function.response_bytes_max, function.streamed_bytes_max)
        self._overlapping.renew(process if function.concurrency else None)
        self._begin(order, order.limit_us)
        process.begin()
        if not self._extensions.launch(process, function):
            self._process_ended()
            return
        self._lookout.begin()
        self._start_runtime()

    def _start_runtime(self) -> None:
        """Start the runtime, once every external extension has registered."""
        phase, process = self._phase, self._process
        if phase is None or process is None or process.started or not isinstance(phase.order, Init):
            return
        if self._extensions.failure is None and self._extensions.api.all_registered:
            try:
                process.start()
            except EntryPointError:
                self._process_ended()

    def _invoke(self, order: Invoke) -> None:
        _, process = self._configured()
        self._begin(order, order.timeout_us)
        if not process.running or self._extensions.failure is not None:
            self._process_ended()
            return
        at = now_us()
        if process.frozen:
            self._hold(Thawed(at, process.processes))
        if self.api.runtime_waits:
            self._hold(Started(order.request_id, at))
        # Last, so that the supervisor sleeps when the runtime wakes up; the event before the signal, because that wakes
        # the runtime once instead of twice.
        self.api.offer(order.request_id, order.headers, order.body, process.in_place_of_answer(order.fault))
        self._extensions.offer(order)
        process.thaw()

    def _freeze(self) -> None:
        _, process = self._configured()
        count = process.freeze()
        process.drain()
        self._lines.flush()
        self._send(Frozen(now_us(), count, worked_us()))

    def _wipe(self) -> None:
        killed = self._process.kill() if self._process is not None else 0
        self.api.renew(0)
        self._overlapping.renew(None)
        self._end_phase()
        self._lookout.end()
        self._process = self._function = None
        wipe()
        self._send(WipeDone(now_us(), killed))

    def _say_goodbye(self, order: Reset | Shutdown) -> None:
        process, budget_us = self._process, order.budget_ms * 1000
        if process is None or not budget_us:
            self._end_goodbye(order)
            return
        self._send(*self._end_phase())
        self.api.withdraw_event()
        self._begin(order, budget_us)
        self._goodbye = Goodbye(process, self._extensions, order, wait=self._set_deadline)
        if self._goodbye.begin():
            self._end_goodbye(order)

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
        phase.runtime_done = True
        if isinstance(phase.order, Init):
            self._extensions.api.close_registration()
        if not self._ended(phase) and isinstance(phase.order, Init | Invoke):
            at = now_us()
            # What it wrote comes before its end, however long extensions work on.
            self._configured()[1].read_output()
            self._lines.flush()
            self._send(RuntimeDone(phase.request_id, phase.started_us, at))

    def _extensions_moved(self) -> None:
        """An extension registered, or asks for its next event."""
        if self._phase is not None and not self._ended(self._phase):
            # Later, so that whoever registered has its response before other processes take its time.
            self._loop.call_soon(self._start_runtime)

    def _ended(self, phase: Phase) -> bool:
        """End the phase if everyone is done; whether it has ended."""
        if not phase.runtime_done:
            return False
        if isinstance(phase.order, Init) and self._extensions.api.all_ready:
            self._extensions.telemetry.close()
            self._end_init(phase, phase.order, "success")
            return True
        if isinstance(phase.order, Invoke) and self._extensions.api.all_done:
            self._end_invoke(phase, phase.order, "success")
            return True
        return False

    def runtime_took_event(self) -> None:
        """The runtime asked late for an event that was waiting."""
        if self._phase is not None:
            self._send(Started(self._phase.request_id, now_us()))

    def runtime_streams(self, request_id: str, content_type: str, part: bytes) -> bool:
        """The runtime streams its answer."""
        self._send(AnswerPart(request_id, now_us(), content_type, part))
        return self.link is None or not self.link.congested

    def runtime_answered(self, answer: RuntimeAnswer) -> None:
        """The runtime answered."""
        self._send(answered(answer, now_us()))

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """The runtime reported a failed init; give it a moment to end by itself."""
        phase = self._phase
        if phase is not None and isinstance(phase.order, Init):
            phase.reported = error_type, body
            left = phase.started_us + phase.order.limit_us - now_us()
            self._set_deadline(min(left, int(_EXIT_GRACE_S * 1_000_000)))

    def children_ended(self) -> None:
        """Some process ended; if it is the runtime or an extension, the phase ends too."""
        if self._process is None:
            return
        runtime_ended = self._process.notice_ends()
        if self._goodbye is not None:
            if self._goodbye.something_ended():
                self._time_is_up()
        elif self._extensions.notice_ends() or runtime_ended:
            self._process_ended()

    def _process_ended(self) -> None:
        phase = self._phase
        if phase is None:
            self._overlapping.process_ended()
            return
        if isinstance(phase.order, Init):
            self._end_init(phase, phase.order, "error")
        elif isinstance(phase.order, Invoke):
            self._end_invoke(phase, phase.order, "exited")
        else:
            self._end_goodbye(phase.order)

    # --- phases ---------------------------------------------------------------------------------------------------

    def _begin(self, order: Init | Invoke | Reset | Shutdown, limit_us: int) -> None:
        if self._phase is not None:
            raise RuntimeError("another phase is under way")
        # Lines from before belong to no phase: they are sent under their old name.
        self._lines.flush()
        self._lines.log.begin()
        self._phase = Phase(order, now_us())
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
        elif self._goodbye is None or self._goodbye.time_is_up():
            self._end_goodbye(phase.order)

    def _end_init(self, phase: Phase, order: Init, status: str) -> None:
        function, process = self._configured()
        at, success = now_us(), status == "success"
        # Extensions are told of a failure, so they live until the host orders the reset.
        stop = (order.freeze or bool(function.probe)) if success else bool(self._extensions.api.all)
        count = process.freeze() if stop else 0
        if success or stop:
            process.drain()
        else:
            process.kill()
        state = self._state("init", "") if success and function.probe else []
        done = init_done(phase, status, at, process, self._extensions)
        if not success and not stop:
            self.api.renew()
        is_frozen = success and process.frozen
        frozen = [Frozen(now_us(), count, worked_us())] if is_frozen and order.freeze else []
        self._send(*self._end_phase(), *state, done, *frozen)
        if is_frozen and not order.freeze:
            process.thaw()

    def _end_invoke(self, phase: Phase, order: Invoke, status: str) -> None:
        function, process = self._configured()
        at = now_us()
        # Also after a timeout or an exit: remaining processes must not write until the host orders the reset.
        count = process.freeze()
        frozen_at = now_us()
        process.drain()
        success = status == "success"
        state = self._state("invoke", order.request_id) if success and function.probe else []
        done = invoke_done(phase, status, at, process, self._extensions)
        self._send(*self._end_phase(), *state, done, *([Frozen(frozen_at, count, worked_us())] if success else []))

    def _end_goodbye(self, order: Init | Invoke | Reset | Shutdown) -> None:
        self._goodbye = None
        started = self._phase.started_us if self._phase is not None else now_us()
        killed = self._process.kill() if self._process is not None else 0
        if isinstance(order, Shutdown):
            self._send(*self._end_phase(), ShutdownDone(started, now_us(), killed))
            self._on_end()
        else:
            self.api.renew()
            self._send(*self._end_phase(), ResetDone(started, now_us(), killed))

    def _end_phase(self) -> list[GuestMessage]:
        """Clear the phase; returns what is left to report of its output."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        messages = self._lines.rest()
        self._phase = None
        return messages

    def _request_id(self) -> str:
        return self._phase.request_id if self._phase is not None else ""

    def _state(self, after: str, request_id: str) -> list[GuestMessage]:
        _, process = self._configured()
        body = process.captured_state(after, request_id)
        return [StateCaptured(after, now_us(), request_id, body)]

    # --- output, memory -------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Check for memory over the limit, and in a frozen sandbox for processes that woke up."""
        if self._process is not None and self._process.look_after():
            self._process_ended()

    def _hold(self, message: GuestMessage) -> None:
        if self.link is not None:
            self.link.hold(message)

    def _send(self, *messages: GuestMessage) -> None:
        if not messages or self.link is None:
            return
        self.link.send(*messages)
        if self.link.congested and self._process is not None:
            self._process.pause_output()
