"""One function in this sandbox: its runtime process and descendants, its pipes, its probe, its memory."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from ..extensions.external import ExternalProcesses, extension_variables
from ..manifest import EntryPointError
from .error_types import EXIT, INVALID_ENTRY_POINT, OUT_OF_MEMORY, exit_text
from .late_writes import LateWrites
from .memory import Memory
from .pipes import STDERR, STDOUT, TELEMETRY, OutputPipes, Pipe
from .probe_frames import ProbeFrames, merged_state
from .processes import Launch, Processes, StillAliveError
from .tmp_walk import walk_tmp

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..manifest import Runtime
    from ..wire import Configure
    from .output import PhaseLog


class RuntimeProcess:
    """Starts, freezes, thaws and kills it, as often as needed; ``function`` stays the same.

    ``on_lines`` is called when there is output, ``on_kill`` when none of it runs any more.

    :ivar on_freeze: called when everything was stopped (true) or continued.
    """

    def __init__(
        self,
        function: Configure,
        runtime: Runtime,
        api: str,
        log: PhaseLog,
        *,
        on_lines: Callable[[], None],
        on_kill: Callable[[], None],
    ) -> None:
        self._function, self._api = function, api
        self._runtime = runtime.as_asked_by(
            function.environment, transformed=bool(function.transforms), trusting=bool(function.trust)
        )
        self._log, self._on_lines, self._on_kill = log, on_lines, on_kill
        self.on_freeze: Callable[[bool], None] = _nobody_listens
        self._processes = Processes()
        self.extensions = ExternalProcesses(self._processes, log, function.log_line_bytes_max, on_lines)
        self._memory = Memory(function.memory_mb * 1024)
        self._output: OutputPipes | None = None
        self._probe: Pipe | None = None
        self._frames = ProbeFrames(function.state_bytes_max)
        self._late = LateWrites()
        log.heard = [] if function.probe else None
        self._killed_by_us = False
        self._not_started = ""
        self.frozen = False

    # --- what there is to know --------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether there is a runtime that has not ended."""
        return self._processes.running

    @property
    def started(self) -> bool:
        """Whether there is a runtime of the current processes, or was."""
        return self._output is not None

    @property
    def exit(self) -> str:
        """How the runtime ended, or why it was not started; empty for exit status 0, and while it runs."""
        if self._not_started:
            return self._not_started
        status = self._processes.exit_status
        return "" if status is None else exit_text(status)

    @property
    def exit_type(self) -> str:
        """The error type of its end, as in the service's log."""
        if self._not_started:
            return INVALID_ENTRY_POINT
        return OUT_OF_MEMORY if self.out_of_memory else EXIT

    @property
    def out_of_memory(self) -> bool:
        """Whether the runtime was killed for its memory."""
        status = self._processes.exit_status
        if status is None or not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            return False
        if self._killed_by_us:
            return self._memory.passed_limit
        return self._memory.was_out_of_memory(self._processes.runtime_peak_kb)

    @property
    def peak_memory_kb(self) -> int:
        """The peak memory since the runtime was started."""
        return max(self._memory.peak_kb, self._processes.runtime_peak_kb)

    @property
    def processes(self) -> int:
        """How many there were when last stopped."""
        return self._processes.stopped

    # --- life -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Prepare for new processes: the extensions are started first, then the runtime."""
        self._not_started = ""
        self._close_pipes()
        self.frozen = self._killed_by_us = False
        self._memory.begin()

    def start_extension(self, name: str) -> None:
        """Start an external extension.

        :raises OSError: it cannot be started.
        """
        given = self._runtime.launch_environment(self._function.environment, self._function.handler, self._api, -1)
        self.extensions.start(name, extension_variables(given))

    def start(self) -> None:
        """Start the runtime.

        :raises EntryPointError: the function's own program cannot be started.
        :raises OSError: a runtime of the image's cannot be.
        """
        try:
            self._start()
        except EntryPointError as problem:
            self._not_started = str(problem)
            raise

    def _start(self) -> None:
        self._output = output = OutputPipes(self._log, self._function.log_line_bytes_max, self._on_lines)
        telemetry = output.child_end(TELEMETRY)
        command: list[str] = []
        given = self._function.environment
        try:
            command, probe_end = self._command()
            self._processes.start(
                Launch(
                    command=command,
                    environment=self._runtime.launch_environment(given, self._function.handler, self._api, telemetry),
                    stdout=output.child_end(STDOUT),
                    stderr=output.child_end(STDERR),
                    inherited=[telemetry, *probe_end],
                    gives_way=self._function.gives_way,
                )
            )
        except OSError as problem:
            raise self._runtime.not_started(problem, command) from None
        finally:
            output.started()
            if self._probe is not None:
                self._probe.close_child_end()
                self._probe.resume()

    def freeze(self) -> int:
        """Stop everything; returns how many processes there are."""
        self.frozen = True
        self.on_freeze(self.frozen)
        return self._processes.stop_all()

    def thaw(self) -> None:
        """Continue everything, if it is stopped."""
        if self.frozen:
            self.frozen = False
            self._processes.continue_all()
            self.on_freeze(self.frozen)

    def kill(self) -> int:
        """Kill everything and read the rest of the pipes; returns how many processes there were.

        :raises StillAliveError: some did not die.
        """
        self._killed_by_us = True
        killed = self._processes.kill_all()
        self.frozen = False
        self.drain()
        self._close_pipes()
        self._on_kill()
        return killed

    def terminate(self) -> None:
        """Ask the runtime to end."""
        self._processes.terminate_runtime()

    def kill_runtime(self) -> None:
        """Kill the runtime alone."""
        self._processes.kill_runtime()

    def in_place_of_answer(self, fault: str) -> Callable[[], None] | None:
        """What happens to a runtime that meets that fault once it has an answer; ``None`` without one."""
        return {"crash": self.kill_runtime, "timeout": _nothing}[fault] if fault else None

    def notice_ends(self) -> bool:
        """Reap what ended; true if that includes the runtime, or if it ended before."""
        self._processes.reap()
        return self._processes.exit_status is not None

    def look_after(self) -> bool:
        """Call it regularly. True if everything had to be killed for its memory."""
        if self.frozen:
            self._processes.keep_stopped()
            return False
        if not self.running or not self._memory.sample():
            return False
        with suppress(StillAliveError):
            self.kill()
        return True

    # --- what it says -----------------------------------------------------------------------------------------

    def read_output(self) -> None:
        """Read the whole lines that were written so far."""
        if self._output is not None:
            self._output.read()

    def drain(self) -> None:
        """Read everything written so far."""
        if self._output is not None:
            self._output.drain()
        self.extensions.drain()
        if self._probe is not None:
            self._probe.drain()

    def pause_output(self) -> None:
        """Stop reading, so that writers block."""
        if self._output is not None:
            self._output.pause()
        self.extensions.pause()

    def resume_output(self) -> None:
        """Resume reading."""
        if self._output is not None:
            self._output.resume()
        self.extensions.resume()

    def captured_state(self, after: str, request_id: str) -> bytes:
        """The probe's last walk and that of ``/tmp``, as the body of ``StateCaptured``. Only while frozen."""
        function = self._function
        leaves, cut_short = walk_tmp(function.state_leaves_max, function.state_bytes_max)
        taken = self._frames.take()
        lines, self._log.heard = self._log.heard or [], []
        return merged_state(
            taken,
            leaves,
            after=after,
            request_id=request_id,
            truncated=cut_short,
            leaves_max=function.state_leaves_max,
            late=self._late.rows(taken.frame, lines, request_id, self._processes.runtime),
            is_probed=bool(self._runtime.probed),
        )

    def _command(self) -> tuple[list[str], list[int]]:
        """The command line, and the descriptor its probe writes to, if any."""
        function = self._function
        if function.probe:
            self._frames, self._late = ProbeFrames(function.state_bytes_max), LateWrites()
            self._probe = Pipe(self._frames.feed)
            end = self._probe.child_end
            limits = function.state_leaves_max, function.state_bytes_max, function.restore
            if command := self._runtime.probed_command(function.handler, end, *limits):
                return command, [end]
        return self._runtime.launch_command(function.handler), []

    def _close_pipes(self) -> None:
        if self._output is not None:
            self._output.close()
        if self._probe is not None:
            self._probe.close()
        self.extensions.close()
        self._output = self._probe = None


def _nothing() -> None:
    """A runtime whose answer is not taken waits until its time is up."""


def _nobody_listens(frozen: bool) -> None:
    """Whoever wants to know of a freeze puts something else in the place of this."""
