"""Images that a worker makes because a run needs a runtime that has one of its own.

The run stays in the queue meanwhile, other runs are played, and pages say how far it is. Each image is made once: runs
that need it too wait with the first. If it cannot be made, they fail with the builder's words.
"""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final, Protocol

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from playground.experiments import stored_json
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs import waiting
from playground.runs.live_stream import mark_ended
from sandbox_runner.image import progress
from sandbox_runner.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG: Final = logging.getLogger(__name__)
# It only takes processor time that runs leave over.
_BUILDER: Final = ("nice", "-n", "10", sys.executable, "-m", "sandbox_runner.image", "runtime")
_LOOK_S: Final = 1.0
_SAID_CHARACTERS: Final = 1_500
# Matches no claim: a run that waits has none.
_NOBODYS: Final = "-"


class Build(Protocol):
    """A build that has begun."""

    def wait(self, seconds: float) -> int | None:
        """Its exit status, or None if it goes on after that many seconds."""
        ...

    def said(self) -> str:
        """The end of what it said."""
        ...

    def end(self) -> None:
        """End it."""
        ...


class BuilderProcess:
    """A build in a process of its own."""

    def __init__(self, runtime: str) -> None:
        self._file = settings.HOLDOVER.data / f"image-{runtime}.log"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("w") as log:
            self._process = subprocess.Popen(
                [*_BUILDER, runtime], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def wait(self, seconds: float) -> int | None:
        """Its exit status, or None if it goes on after that many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def said(self) -> str:
        """The end of what it said."""
        return self._file.read_text(errors="replace")[-_SAID_CHARACTERS:].strip()

    def end(self) -> None:
        """End it; what it made whole stays in its cache."""
        self._process.terminate()


class OnDemand:
    """The builds of one process.

    :param begin: starts the build of a runtime's image.
    """

    def __init__(self, begin: Callable[[str], Build] = BuilderProcess) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._waiting: dict[str, set[str]] = {}
        self._builds: dict[str, Build] = {}
        self._threads: list[threading.Thread] = []

    def need(self, runtime: str, run_id: str) -> None:
        """Make that runtime's image unless it is being made; the run is played or failed afterwards."""
        with self._lock:
            if runtime in self._waiting:
                self._waiting[runtime].add(run_id)
                return
            self._waiting[runtime] = {run_id}
            self._builds[runtime] = self._begin(runtime)
            thread = threading.Thread(target=self._see_through, args=(runtime,), name=f"image-{runtime}", daemon=True)
            self._threads.append(thread)
        _LOG.info("Making an image.", extra={"runtime": runtime})
        thread.start()

    def close(self) -> None:
        """End what is being made; runs that wait stay in the queue."""
        with self._lock:
            builds = list(self._builds.values())
            self._waiting.clear()
        for build in builds:
            build.end()
        for thread in self._threads:
            thread.join()

    def _see_through(self, runtime: str) -> None:
        build, seen = self._builds[runtime], None
        while (status := build.wait(_LOOK_S)) is None:
            now = progress.read(settings.HOLDOVER.data)
            if now != seen:
                waiting.tell(self._still_waiting(runtime))
            seen = now
        with self._lock:
            run_ids = self._waiting.pop(runtime, set())
            del self._builds[runtime]
        _LOG.info("An image is made.", extra={"runtime": runtime, "exit_status": status})
        try:
            for run_id in sorted(run_ids):
                if status == 0:
                    redis_client.announce(run_id, first=True)
                else:
                    _fail(run_id, runtime, build.said())
        finally:
            close_old_connections()

    def _still_waiting(self, runtime: str) -> list[str]:
        with self._lock:
            return sorted(self._waiting.get(runtime, ()))


def _fail(run_id: str, runtime: str, detail: str) -> None:
    """Say why it cannot be played here, unless it has ended or another worker plays it."""
    why = stored_json.pack_messages([say("runtime-not-built", runtime=runtime, detail=detail)])
    failed = Run.objects.filter(pk=run_id, status=Status.QUEUED).update(
        status=Status.FAILED,
        finished_at=timezone.now(),
        failure_reference=secrets.token_hex(4),
        failure_messages=why,
    )
    if failed:
        mark_ended(redis_client.redis(), run_id, Status.FAILED, claim=_NOBODYS)
