"""The processes of a set-up: each is started again when it ends, as systemd or compose would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

LOOK_S = 0.1
AGAIN_S = 1.0
AGAIN_S_MAX = 5.0


class Kept:
    """One process.

    :param before: called before each start.
    :param restart: whether it is started again when it ends by itself; what a fault ended always is.
    """

    def __init__(self, name, command, *, environment, log, before=lambda: None, restart=True):
        self.name = name
        self.ended_by_itself = []
        self._command = list(command)
        self._environment = environment
        self._log = Path(log)
        self._before = before
        self._restart = restart
        self._pauses = 0
        self._due = None
        self._wanted = True
        self._lock = threading.RLock()
        self._process = self._start()

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_alive(self):
        return self._process.poll() is None

    def tend(self):
        """Start it again where that is due."""
        with self._lock:
            if not self._wanted or self.is_alive:
                return
            now = time.monotonic()
            if self._due is None:
                self.ended_by_itself.append(self._process.returncode)
                self._pauses = min(self._pauses + 1, 8)
                self._due = now + min(AGAIN_S * self._pauses, AGAIN_S_MAX) if self._restart else float("inf")
            if now >= self._due:
                self._process = self._start()

    def kill(self, away_s=AGAIN_S, number=signal.SIGKILL, patience_s=40.0):
        """End it, and have it started again ``away_s`` after it is gone."""
        with self._lock:
            self._due = float("inf")
            if self.is_alive:
                self._process.send_signal(number)
        self._process.wait(patience_s)
        with self._lock:
            self._pauses = 0
            self._due = time.monotonic() + away_s

    def end(self, number=signal.SIGTERM, patience_s=40.0):
        """End it for good."""
        with self._lock:
            self._wanted = False
        if self.is_alive:
            self._process.send_signal(number)
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def said(self):
        """The last lines of its log."""
        with contextlib.suppress(OSError):
            return self._log.read_text("utf-8", "replace").splitlines()[-15:]
        return []

    def _start(self):
        self._due = None
        self._before()
        with self._log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


class Keeper:
    """Tends processes on a thread of its own while the block lasts."""

    def __init__(self):
        self.kept = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tend, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _tend(self):
        while not self._over.wait(LOOK_S):
            for kept in list(self.kept.values()):
                with contextlib.suppress(OSError):
                    kept.tend()


def descendants(pid):
    """The numbers of all processes that ``pid`` has started, and those they have."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(words[1])
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


@contextlib.contextmanager
def stopped(*pids):
    """These processes stand still while the block lasts."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def marked_processes(mark):
    """The processes whose environment holds ``mark``, with what they are called; no zombies."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")[:120]
    return found


def wait_until(what, true, seconds):
    """Ask ten times a second until ``true()``.

    :raises TimeoutError: it did not become so.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)
