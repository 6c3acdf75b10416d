"""A child process: started with its output in a file, monitored, and ended gracefully or else killed."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

RESTART_WINDOW_S: Final = 60.0
_PR_SET_PDEATHSIG: Final = 1
_TAIL_LINES: Final = 8
_LIBC: Final = ctypes.CDLL(None)


class StartError(Exception):
    """Holdover cannot start or continue; the message is one sentence for the user."""


class Child:
    """One of our processes. It has its own session, so that Ctrl-C reaches only the parent, which stops it in order.

    :param name: its name for people, ``worker``.
    :param log: its output file, truncated when everything starts, not when this child restarts.
    :param restarts: how many times within :data:`RESTART_WINDOW_S` it is restarted if it ends by itself.
    :param descriptors: the file descriptors of ours that it gets, by the same numbers.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        restarts: int,
        descriptors: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._restarts = restarts
        self._descriptors = tuple(descriptors)
        self._restarted_at: list[float] = []
        self._process = self._start("wb")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def check(self) -> None:
        """:raises StartError: it ended by itself."""
        status = self._process.poll()
        if status is not None:
            said = "\n".join(f"  {line}" for line in self._tail())
            raise StartError(
                f"The {self.name} process ended by itself ({_words(status)}); {self._log} ends with:\n{said}"
            )

    def restart_if_ended(self) -> str:
        """Restart it if it ended by itself; returns a message about it, or nothing.

        :raises StartError: it ended too many times.
        """
        status = self._process.poll()
        if status is None:
            return ""
        now = time.monotonic()
        self._restarted_at = [at for at in self._restarted_at if now - at < RESTART_WINDOW_S]
        if len(self._restarted_at) >= self._restarts:
            self.check()
        self._restarted_at.append(now)
        self._process = self._start("ab")
        return f"The {self.name} process ended by itself ({_words(status)}) and was started again."

    def start_anew(self, environment: Mapping[str, str], *, patience_s: float) -> None:
        """End it and start it again with another environment; waits for its end only that long."""
        self.end(patience_s)
        self._environment = dict(environment)
        self._process = self._start("ab")

    def ask_to_end(self) -> None:
        """Ask it to end; returns at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def end(self, patience_s: float) -> None:
        """Ask it to end, wait that long, then kill it."""
        self.ask_to_end()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self, log_mode: Literal["wb", "ab"]) -> subprocess.Popen[bytes]:
        with self._log.open(log_mode) as output:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=self._descriptors,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread while it starts children
            )

    def _tail(self) -> list[str]:
        with contextlib.suppress(OSError):
            return self._log.read_text("utf-8", "replace").strip().split("\n")[-_TAIL_LINES:]
        return []


def wait_until(what: str, ready: Callable[[], bool], children: Sequence[Child], *, limit_s: float) -> None:
    """Wait until ``ready()``, checking ten times a second.

    :raises StartError: a child ended meanwhile, or the time is up.
    """
    end = time.monotonic() + limit_s
    while not ready():
        for child in children:
            child.check()
        if time.monotonic() > end:
            raise StartError(f"The {what} was not ready after {limit_s:g} s.")
        time.sleep(0.1)


def _end_with_parent() -> None:
    """In the child: have the kernel send SIGTERM when the parent is gone for any reason."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _words(status: int) -> str:
    return f"by signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
