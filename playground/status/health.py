"""Health of this process, and readiness of the installation to play runs. Responds within seconds.

``/healthz`` is about this process: whether it reaches the database and the broker. ``/readyz`` is about everything a
run needs from submission to stored result. Both name what is away.
"""

from __future__ import annotations

import shutil
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from playground.experiments.models import Pulse
from playground.infrastructure import redis_client
from playground.runs.worker_registry import PRESENCE_S, present_workers
from playground.status.probes import OK, Probe, ProbeResult, answers
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from playground.runs.worker_registry import Presence

# For all probes together.
LIMIT_S: Final = 2.0
# A worker checks its engine every 5 s and sweeps every 2 s; one that has not for this long has stopped or hangs.
NEWS_S: Final = 20.0
_WRITTEN_KEY: Final = "holdover:readyz"
_WRITTEN_S: Final = 60


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 if database and broker answer, else 503; names what does not answer, and the sandboxes available."""
    said = answers(_HEALTH, LIMIT_S)
    body = {name: answer.is_well for name, answer in said.items()} | {
        "backends": _backends_ready() if said["broker"].is_well else []
    }
    return JsonResponse(body, status=_status(said.values()))


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 if a run submitted now would finish, else 503.

    ``away`` names what is missing, ``checks`` says why, ``ages_s`` is the age of each answer in seconds.
    """
    said = answers(_READINESS, LIMIT_S)
    away = [name for name, answer in said.items() if not answer.is_well]
    body = {
        "ready": not away,
        "away": away,
        "checks": {name: answer.words for name, answer in said.items()},
        "ages_s": {name: None if answer.age_s is None else round(answer.age_s, 1) for name, answer in said.items()},
    }
    return JsonResponse(body, status=_status(said.values()))


def _status(said: Iterable[ProbeResult]) -> HTTPStatus:
    well = all(answer.is_well for answer in said)
    return HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE


def _database_answers() -> ProbeResult:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ProbeResult(OK)


def _database() -> ProbeResult:
    """A write that is kept: nothing less detects a full disk or a read-only server."""
    _database_answers()
    try:
        Pulse.objects.update_or_create(pk=1, defaults={"at": timezone.now()})
    except DatabaseError as error:
        return ProbeResult(f"answers but takes no write ({type(error).__name__})")
    return ProbeResult(OK)


def _migrations() -> ProbeResult:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return ProbeResult(OK)
    first = missing[0][0]
    return ProbeResult(
        f"{len(missing)} not applied, the first is {first.app_label}.{first.name}; run manage.py migrate"
    )


def _broker_answers() -> ProbeResult:
    redis_client.redis().ping()
    return ProbeResult(OK)


def _broker() -> ProbeResult:
    _broker_answers()
    try:
        redis_client.redis().set(_WRITTEN_KEY, "1", ex=_WRITTEN_S)
    except RedisError as error:
        return ProbeResult(f"answers but takes no write ({type(error).__name__})")
    return ProbeResult(OK)


def _worker() -> ProbeResult:
    if present_workers(redis_client.redis()):
        return ProbeResult(OK)
    return ProbeResult(f"none has said within {PRESENCE_S} s that it is alive")


def _engine() -> ProbeResult:
    """The best state of any worker's engine: a single one that answers is enough for a run."""
    workers = present_workers(redis_client.redis())
    if not workers:
        return ProbeResult("no worker is there to ask one", None)
    words, age_s = min(map(_engine_of, workers), key=lambda said: (not said.is_well, said.age_s))
    several = f"of {len(workers)} workers none has one that does: " if len(workers) > 1 and words != OK else ""
    return ProbeResult(f"{several}{words}", age_s)


def _engine_of(worker: Presence) -> ProbeResult:
    condition = worker.condition
    if condition is None:
        return ProbeResult(OK)
    if condition.engine:
        return ProbeResult("does not make sandboxes; its worker asks it again", condition.engine_age_s)
    if condition.engine_age_s > NEWS_S:
        return ProbeResult(f"has not answered for {condition.engine_age_s:.0f} s", condition.engine_age_s)
    return ProbeResult(OK, condition.engine_age_s)


def _sweep() -> ProbeResult:
    """Only a sweep recovers runs whose worker died or whose message was lost."""
    conditions = [worker.condition for worker in present_workers(redis_client.redis())]
    if None in conditions:
        return ProbeResult(OK)
    ages = [each.sweep_age_s for each in conditions if each is not None and each.sweep_age_s is not None]
    if not ages:
        return ProbeResult("no worker has swept yet", None)
    youngest_s = min(ages)
    return ProbeResult(OK if youngest_s <= NEWS_S else f"no worker has swept for {youngest_s:.0f} s", youngest_s)


def _disk() -> ProbeResult:
    least = settings.HOLDOVER.disk_free_mb
    free = shutil.disk_usage(settings.HOLDOVER.data).free // MB
    return (
        ProbeResult(OK)
        if free >= least
        else ProbeResult(f"{free:,} MB are free where the data is; {least:,} MB must be")
    )


def _backends_ready() -> list[str]:
    """The backend of each live worker."""
    try:
        return [worker.backend for worker in present_workers(redis_client.redis())]
    except RedisError:
        return []


_HEALTH: Final = {"database": Probe(_database_answers), "broker": Probe(_broker_answers)}
_READINESS: Final = {
    "database": Probe(_database),
    "migrations": Probe(_migrations),
    "broker": Probe(_broker),
    "worker": Probe(_worker),
    "engine": Probe(_engine),
    "sweep": Probe(_sweep),
    "disk": Probe(_disk),
}
