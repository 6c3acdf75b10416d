"""Executes a run in a worker: from a queued run to its stored result.

1. A claim is one conditional update; whoever does not get it returns, so a message may be delivered twice.
2. The run is played; events go to the stream, and a thread keeps the claim alive and watches for cancellation.
3. The result is stored only while the claim is still valid.

A worker that dies leaves a claim without a heartbeat, which :mod:`playground.runs.recovery` finds. A run whose engine
or sandbox was lost is queued again: as if new if none of its code has run, else for one more attempt, as after the
death of a worker. An attempt has no effects outside its sandboxes, so nothing happens twice.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from playground.archives.keeping import kept_zips
from playground.experiments import page_parts, stored_json
from playground.experiments.dependency_locks import keep_locks, locks_of
from playground.experiments.models import ATTEMPTS_MAX, WORKING, Experiment, Run, Status
from playground.experiments.signals import experiment_has_changed
from playground.infrastructure import redis_client
from playground.infrastructure.metrics import QUEUE_WAIT, RETURNED, RUN_TIME, RUNS, TALLY
from playground.infrastructure.patience import Patience
from playground.runs.live.holding import Holding, new_visitors
from playground.runs.monitor import Claim, Watch
from playground.runs.revisions import revision_of
from sandbox_runner.errors import BackendUnavailable, EngineAway, OurFailure, RunCancelled, RunNotBegun, SandboxLost
from sandbox_runner.limits import LIVE_AT_MOST_S, TIMEOUT_S_MAX
from sandbox_runner.messages import render, say
from sandbox_runner.projections.longer_proof import longer_proof
from sandbox_runner.run.runner import RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sandbox_runner.cancellation import Cancellation
    from sandbox_runner.events.log import Sink
    from sandbox_runner.messages import Message
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario

_LOG: Final = logging.getLogger(__name__)
# Time for starting, ending and projecting, besides the steps and the replays.
_MARGIN_S: Final = 60.0
# What pages show of a result; not a column of the run.
_PART: Final = "page_part"
_VERIFYING: Final = 3


class ScenarioPlayer(Protocol):
    """What plays scenarios; :class:`sandbox_runner.run.engine.Engine` is one."""

    def run(
        self,
        scenario: Scenario,
        *,
        sink: Sink | None = None,
        cancellation: Cancellation | None = None,
        options: RunOptions | None = None,
    ) -> RunResult:
        """Play a scenario; blocks."""
        ...

    def missing(self, runtimes: Collection[str]) -> tuple[str, ...]:
        """Those of the runtimes whose own image is not built.

        :raises BackendUnavailable: what makes sandboxes cannot be asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that plays runs.

    ``name`` labels its claims and its sandboxes. ``runtimes`` are those it can play at once, all if empty. ``coming``
    are those that the installation is being built with: their runs stay queued for the worker that will have them.

    :param prepare: called with a runtime whose image has to be made first, and the run that waits for it.
    :param met_away: called with a run's engine problem before that run is queued again.
    """

    name: str
    player: ScenarioPlayer
    patience: Patience = field(default_factory=Patience)
    runtimes: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()
    met_away: Callable[[str], None] = lambda _problem: None
    prepare: Callable[[str, str], None] = lambda _runtime, _run: None

    def plays(self, run_id: str) -> bool:
        """Whether it has the runtimes of that run's functions; what can be made for it is begun."""
        if not self.runtimes:
            return True
        run = Run.objects.select_related("revision").filter(pk=run_id).first()
        if run is None:
            return False
        others = [each for each in run.revision.scenario.interpreters if each not in self.runtimes]
        if not set(others).isdisjoint(self.coming):
            return False
        try:
            lacking = self.player.missing(others) if others else ()
        except BackendUnavailable as problem:
            # Nobody knows whether its image is there, and a run whose image is not there fails: it is asked again.
            self.met_away(str(problem))
            return False
        for runtime in lacking:
            self.prepare(runtime, run_id)
        return not lacking


_watches: Final[dict[str, Watch]] = {}


def execute(run_id: str, worker: Worker) -> None:
    """Play the run of that id if it is still queued, and store the outcome."""
    if not worker.patience.ask(lambda: worker.plays(run_id), at_the_end_s=0):
        return
    token = f"{worker.name}/{secrets.token_hex(4)}"
    claim = worker.patience.ask(lambda: claim_run(run_id, token), at_the_end_s=0)
    if claim is None:
        return
    with bound_contextvars(run_id=run_id):
        _play_claimed(claim, worker)


def _play_claimed(claim: Claim, worker: Worker) -> None:
    run = worker.patience.ask(lambda: _claimed_run(claim))
    _LOG.info("Claimed.")
    options = worker.patience.ask(lambda: _options(run, worker))
    with Watch(claim, redis_client.redis(), limit_s=options.most_s + _MARGIN_S) as watch:
        _watches[claim.token] = watch
        if run.proof_stop_requested_at is not None:
            watch.cancellation.proof.cancel()
        try:
            end = _played(run, worker, watch, options)
            # Inside the watch: while the database is away, the claim is kept alive and the result is held.
            settled = worker.patience.ask(lambda: _settle(claim, end))
        finally:
            del _watches[claim.token]
    if settled:
        _record_outcome(run, end)
        watch.publisher.close(end["status"])
        if end["status"] == Status.QUEUED:
            redis_client.announce(run.id, first=True)


def _claimed_run(claim: Claim) -> Run:
    others = ("reverifies", "proves_further__original", "live_session")
    return Run.objects.select_related("revision", *others).get(pk=claim.run_id)


def _options(run: Run, worker: Worker) -> RunOptions:
    """What the run may cost; one that verifies another has more time, so that a busy machine refutes nothing."""
    options = RunOptions(
        owner=worker.name,
        proof_s_max=settings.HOLDOVER.proof_seconds_max,
        locks=locks_of(run.revision),
        archives=kept_zips(run.revision),
    )
    if hasattr(run, "proves_further"):
        asked = run.proves_further
        return replace(
            options, proof_s=float(asked.seconds), proof_replays=asked.replays, goes_on=asked.original.result
        )
    if hasattr(run, "live_session"):
        return replace(options, wall_s=LIVE_AT_MOST_S + TIMEOUT_S_MAX + _MARGIN_S, visitors=new_visitors())
    return replace(options, proof_times=_VERIFYING) if hasattr(run, "reverifies") else options


def _record_outcome(run: Run, end: dict[str, Any]) -> None:
    """Count and log the outcome, without any data of the user."""
    verdict = str(end.get("verdict", ""))
    _LOG.info("Settled.", extra={"status": str(end["status"]), "verdict": verdict})
    TALLY.count(RUNS, str(end["status"]), verdict or "none")
    if run.started_at is not None:
        TALLY.observe(QUEUE_WAIT, (run.started_at - run.queued_at).total_seconds())
        TALLY.observe(RUN_TIME, (timezone.now() - run.started_at).total_seconds(), str(end["status"]))


def release_all(worker: Worker) -> None:
    """This process is stopping: end its runs now and queue them again."""
    worker.patience.stopping.set()
    for watch in list(_watches.values()):
        watch.end("released")


def own_claims() -> frozenset[str]:
    """The claim tokens of this process's runs."""
    return frozenset(_watches)


def claim_run(run_id: str, token: str) -> Claim | None:
    """Claim that run, or return None if it is claimed or over.

    Calling it twice with one ``token`` gives one claim: the first reply may have been lost.
    """
    now = timezone.now()
    won = Run.objects.filter(pk=run_id, status=Status.QUEUED).update(
        status=Status.RUNNING, claimed_by=token, heartbeat_at=now, started_at=now, attempts=F("attempts") + 1
    )
    stands = won == 1 or Run.objects.filter(pk=run_id, claimed_by=token, status__in=WORKING).exists()
    return Claim(run_id, token) if stands else None


def _settle(claim: Claim, end: dict[str, Any]) -> bool:
    """Store how the run ended, if the claim is still valid; returns whether it is stored.

    May be called twice: the first reply may have been lost.
    """
    columns = {name: value for name, value in end.items() if name != _PART}
    standing = Run.objects.filter(pk=claim.run_id, claimed_by=claim.token, status__in=WORKING)
    with transaction.atomic():
        if standing.update(**columns, claimed_by="") != 1:
            return _is_stored(claim, end)
        if end["status"] == Status.FINISHED:
            proven = {name: end[name] for name in ("result_blob", "verdict", "verdict_messages", "longer_messages")}
            originals = Run.objects.filter(longer_proofs__run=claim.run_id)
            page_parts.keep([claim.run_id, *originals.values_list("pk", flat=True)], end[_PART])
            originals.update(**proven)
            experiments = Run.objects.filter(pk=claim.run_id).values_list("revision__experiment_id", flat=True)
            experiment_has_changed(experiments.get())
    return True


def _is_stored(claim: Claim, end: dict[str, Any]) -> bool:
    """Whether this same outcome is stored: no two have the same microsecond."""
    at = end.get("finished_at")
    return at is not None and Run.objects.filter(pk=claim.run_id, status=end["status"], finished_at=at).exists()


def _played(run: Run, worker: Worker, watch: Watch, options: RunOptions) -> dict[str, Any]:
    """Play it; returns the fields that describe the outcome."""
    scenario, play = run.revision.scenario, worker.player.run
    try:
        with _held(run, options):
            result = play(scenario, sink=watch.sink, cancellation=watch.cancellation, options=options)
        worker.patience.ask(lambda: keep_locks(run.revision, result))
        return _finished(result) | worker.patience.ask(lambda: _lived(run, result))
    except RunCancelled:
        return _ended_early(watch, run)
    except (RunNotBegun, EngineAway, SandboxLost) as failure:
        return _interrupted(run, worker, watch, failure)
    except OurFailure as failure:
        return _failed(watch, failure.message, run)
    except Exception:  # noqa: BLE001 - whatever we did not think of is ours too, and must not leave the run hanging
        return _failed(watch, say("unexpected-failure"), run)


def _finished(result: RunResult) -> dict[str, Any]:
    blob, size = stored_json.pack_and_measure(result.to_json())
    return {
        _PART: page_parts.packed(result, size),
        "status": Status.FINISHED,
        "finished_at": timezone.now(),
        "result_blob": blob,
        "backend": result.backend.name,
        "verdict": result.verdict,
        "verdict_messages": stored_json.pack_messages(result.verdict_messages),
        "longer_messages": stored_json.pack_messages(longer_proof(result)),
    }


@contextmanager
def _held(run: Run, options: RunOptions) -> Iterator[None]:
    """Within the block, requests reach the session if the run is one."""
    if options.visitors is None:
        yield
        return
    reader = redis_client.taking_redis()
    with Holding(redis_client.redis(), reader, run.live_session.address, run.claimed_by, options.visitors):
        yield


def _lived(run: Run, result: RunResult) -> dict[str, Any]:
    """A session's run is one of what really came from then on: a revision of the same experiment."""
    if not hasattr(run, "live_session"):
        return {}
    with transaction.atomic():
        # Locked, so that two revisions never get the same number.
        experiment = Experiment.objects.select_for_update().get(pk=run.revision.experiment_id)
        return {"revision": revision_of(experiment, result.scenario, run.revision)}


def _ended_early(watch: Watch, run: Run) -> dict[str, Any]:
    if watch.end_reason == "released" and hasattr(run, "live_session"):
        # It is not begun anew: its environments are gone.
        return _failed(watch, say("session-lost"))
    if watch.end_reason == "released":
        return {"status": Status.QUEUED, "attempts": F("attempts") - 1}
    if watch.end_reason == "overdue":
        return _failed(watch, say("took-too-long"))
    return _over(Status.CANCELLED, watch)


def _interrupted(run: Run, worker: Worker, watch: Watch, failure: OurFailure) -> dict[str, Any]:
    """What happens to a run that lost its engine or its sandbox, which is not its fault."""
    away = failure.engine_away if isinstance(failure, RunNotBegun) else isinstance(failure, EngineAway)
    if away:
        worker.met_away(str(failure))
    if watch.end_reason is not None:
        return _ended_early(watch, run)
    if hasattr(run, "live_session"):
        return _failed(watch, failure.message, run)
    counts = not (away and isinstance(failure, RunNotBegun))
    if counts and run.attempts >= ATTEMPTS_MAX:
        return _failed(watch, failure.message, run)
    _LOG.warning("The run goes back into the queue: %s", failure)
    TALLY.count(RETURNED, "engine-away" if away else "sandbox-lost")
    return {"status": Status.QUEUED, "attempts": F("attempts") - (0 if counts else 1)}


def _failed(watch: Watch, why: Message, run: Run | None = None) -> dict[str, Any]:
    reference = secrets.token_hex(4)
    sentence = render(why).encode("utf-8", "replace").decode()
    _LOG.error("Internal error.", exc_info=run is not None, extra={"reference": reference, "sentence": sentence})
    said = stored_json.pack_messages([why])
    return _over(Status.FAILED, watch) | {"failure_reference": reference, "failure_messages": said}


def _over(status: Status, watch: Watch) -> dict[str, Any]:
    return {
        "status": status,
        "finished_at": timezone.now(),
        "events_blob": stored_json.pack_events(watch.observed),
    }
