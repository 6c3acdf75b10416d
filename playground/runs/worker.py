"""What a worker process has besides Celery: its name, its engine, and a thread for heartbeats and sweeps.

Celery's signals start and stop it. Importing this module in another process starts nothing.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from celery.signals import worker_init, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from redis.exceptions import RedisError

from playground.accounts import audit
from playground.accounts.unverified import remove_unverified
from playground.archives import keeping as archives
from playground.config.checks import refuse_to_start_unsafely
from playground.experiments import hard_delete, retention
from playground.experiments.signals import tidy_up
from playground.experiments.stored_json import digest
from playground.infrastructure import broker_transport, redis_client
from playground.infrastructure.metrics import SANDBOXES, TALLY
from playground.infrastructure.patience import AWAY, renew
from playground.runs import execution, recovery, waiting, worker_registry
from playground.runs.intake import Intake
from playground.runs.live import apart
from playground.runs.on_demand import OnDemand
from playground.teams import teams
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image.selection import coming_identifiers, selected_identifiers
from sandbox_runner.messages import render
from sandbox_runner.run.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.backends.base import BackendDescription

_LOG: Final = logging.getLogger(__name__)
BEAT_S: Final = 2.0
TIDY_S: Final = 5.0


def installation() -> str:
    """Identifies this installation among others on the same machine; equal for all of its workers."""
    return f"holdover-{digest(settings.SECRET_KEY)[:8]}"


@cache
def this_worker() -> execution.Worker:
    """This process's worker; the first call starts its engine.

    :raises BackendUnavailable: the requested backend is not available.
    """
    return execution.Worker(
        engine().owner,
        engine(),
        runtimes=selected_identifiers(),
        coming=coming_identifiers(),
        met_away=lambda problem: intake().report_away(problem),
        prepare=lambda runtime, run_id: on_demand().need(runtime, run_id),
    )


@cache
def this_sweeper() -> recovery.Sweeper:
    """This process's sweeper, which keeps its observations between sweeps."""
    return recovery.Sweeper(execution.own_claims)


@cache
def worker_name() -> str:
    """The name in this process's claims and sandboxes."""
    return f"{installation()}/{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"


@cache
def intake() -> Intake:
    """Whether this process takes runs; checks the engine once a worker has started it."""
    return Intake(engine(), live_owners(), tap(), turned=_report_turned)


@cache
def on_demand() -> OnDemand:
    """The images that this process makes because runs need them."""
    return OnDemand()


@cache
def live_owners() -> worker_registry.LiveOwners:
    """Whose sandboxes must stay, as far as this process knows."""
    return worker_registry.LiveOwners(installation())


@cache
def tap() -> QueueTap:
    """Controls the delivery of runs to this process."""
    return QueueTap()


class QueueTap:
    """Celery's consumer of the run queue, once there is one."""

    def __init__(self) -> None:
        self.consumer: Any = None

    def close(self) -> None:
        """Stop consuming; waiting messages are left to other workers."""
        self._soon(self._cancel)

    def open(self) -> None:
        """Resume consuming."""
        self._soon(self._consume)

    def _soon(self, work: Callable[[str], None]) -> None:
        # On Celery's own thread, because a consumer belongs to it.
        if self.consumer is not None:
            self.consumer.call_soon(self._try, work, settings.CELERY_TASK_DEFAULT_QUEUE)

    def _try(self, work: Callable[[str], None], queue: str) -> None:
        """Without a broker connection there may be no consumer to change; the intake tries again."""
        try:
            work(queue)
        except Exception:  # noqa: BLE001 - Celery's loop would end with it, and the worker with that
            _LOG.warning("The queue's consumer did not change; it is tried again.", exc_info=True)

    def _cancel(self, queue: str) -> None:
        if self.consumer.task_consumer.consuming_from(queue):
            self.consumer.cancel_task_queue(queue)

    def _consume(self, queue: str) -> None:
        if not self.consumer.task_consumer.consuming_from(queue):
            self.consumer.add_task_queue(queue)


@cache
def engine() -> Engine:
    """This process's engine. Its sandboxes carry the worker's name, so its pool serves only this worker's runs."""
    return Engine(settings.HOLDOVER.backend or None, owner=worker_name(), on_start=_started)


def _started(backend: str, started: bool, seconds: float) -> None:
    TALLY.observe(SANDBOXES, seconds, backend, "yes" if started else "no")


class Rounds:
    """A thread that repeats some work every few seconds, whatever happens."""

    def __init__(self, name: str, every_s: float, *works: Callable[[], object]) -> None:
        self._every_s = every_s
        self._works = works
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name=name, daemon=True)

    def start(self) -> None:
        """Run it now, then every few seconds."""
        self._round()
        self._thread.start()

    def stop(self) -> None:
        """Stop; waits for the current round."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _go_round(self) -> None:
        while not self._over.wait(self._every_s):
            self._round()
        renew()

    def _round(self) -> None:
        for work in self._works:
            guarded(work)


def guarded(work: Callable[[], object]) -> None:
    """Run it, logging any exception."""
    try:
        work()
    except RedisError as error:
        _LOG.warning("The broker does not answer: %s", error)
    except AWAY as error:
        renew()
        _LOG.warning("The database does not answer (%s).", type(error).__name__)
    except Exception:  # noqa: BLE001 - one bad sweep must not end the thread that keeps this worker alive
        _LOG.exception("A sweep failed; it is tried again.")


def clear_sessions() -> None:
    """Remove the sessions that have expired, with what was typed in them."""
    SessionStore.clear_expired()


class Beat:
    """Sends heartbeats for this worker, and sweeps.

    Slow work has threads of its own, so that it delays no run.
    """

    def __init__(self, worker: execution.Worker, description: BackendDescription) -> None:
        self._worker = worker
        self._description = description
        self._swept_at: float | None = None
        self._rounds = (
            Rounds("beat", BEAT_S, self.report, self._sweep_runs),
            Rounds(
                "tidy",
                TIDY_S,
                hard_delete.purge_deleted,
                retention.prune,
                teams.purge_deleted,
                archives.sweep,
                clear_sessions,
                remove_unverified,
                audit.sweep,
                tidy_up,
            ),
        )

    def start(self) -> None:
        """Send the first heartbeat now, then one every few seconds."""
        for rounds in self._rounds:
            rounds.start()

    def stop(self) -> None:
        """Stop, and announce it."""
        for rounds in self._rounds:
            rounds.stop()
        guarded(lambda: worker_registry.unregister(self._worker.name))

    def report(self) -> None:
        """Register this worker with its condition; learn which others are alive."""
        engine, swept_at = intake().report(), self._swept_at
        condition = worker_registry.Condition(
            engine=engine.problem,
            engine_age_s=engine.age_s,
            sweep_age_s=None if swept_at is None else time.monotonic() - swept_at,
        )
        # In English: it is said where the product starts, in the terminal.
        isolation = render(self._description.isolation)
        worker_registry.register(self._worker.name, self._description.name, isolation, condition)
        live_owners().record_live(
            [self._worker.name, *(other.name for other in worker_registry.present_workers(redis_client.redis()))]
        )

    def _sweep_runs(self) -> None:
        this_sweeper().sweep()
        self._swept_at = time.monotonic()


_beats: Final[list[Beat]] = []


def _report_turned() -> None:
    """Report at once, before the next heartbeat, whether this worker takes runs."""
    for beat in _beats:
        guarded(beat.report)
    guarded(waiting.tell_those_who_wait)


def _start(**_: object) -> None:
    """:raises SystemExit: with a sentence, if this worker must not or cannot play runs."""
    refuse_to_start_unsafely()
    broker_transport.install()
    with suppress(RedisError):
        worker_registry.register_starting(worker_name())
    try:
        _beats.append(Beat(this_worker(), engine().describe()))
    except BackendUnavailable as error:
        _close_engine()
        raise SystemExit(f"No sandbox can be made here: {error}") from None


def _ready(sender: object = None, **_: object) -> None:
    tap().consumer = sender
    for beat in _beats:
        beat.start()
    intake().start()


def _release(**_: object) -> None:
    execution.release_all(this_worker())


def _stop(**_: object) -> None:
    apart.wait()
    for beat in _beats:
        beat.stop()
    if intake.cache_info().currsize:
        intake().stop()
    if on_demand.cache_info().currsize:
        on_demand().close()
    with suppress(BackendUnavailable):
        _close_engine()
    with suppress(RedisError):
        TALLY.flush()


def _close_engine() -> None:
    if engine.cache_info().currsize:
        engine().close()


worker_init.connect(_start)
worker_ready.connect(_ready)
worker_shutting_down.connect(_release)
worker_shutdown.connect(_stop)
