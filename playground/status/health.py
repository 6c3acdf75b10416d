"""Whether this process can do its work, and whether the installation is ready to play runs. Answered within seconds.

``/healthz`` is about this process: it reaches the database and the broker. ``/readyz`` is about everything a run needs:
also the migrations, and a worker that is alive. Both name what is away.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from playground.infrastructure import redis_client
from playground.runs.worker_registry import PRESENCE_S, present_workers
from playground.status.probes import OK, Probe, answers

if TYPE_CHECKING:
    from django.http import HttpRequest

# For all probes together.
LIMIT_S: Final = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 where database and broker answer, else 503; says which does not, and which sandboxes there are."""
    said = answers({name: _PROBES[name] for name in ("database", "broker")}, LIMIT_S)
    body = {name: answer == OK for name, answer in said.items()} | {
        "backends": _backends_ready() if said["broker"] == OK else []
    }
    return JsonResponse(body, status=_status(said))


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 where a run that is submitted now would be played, else 503; ``away`` names what is missing."""
    said = answers(_PROBES, LIMIT_S)
    away = [name for name, answer in said.items() if answer != OK]
    return JsonResponse({"ready": not away, "away": away, "checks": said}, status=_status(said))


def _status(said: dict[str, str]) -> HTTPStatus:
    well = all(answer == OK for answer in said.values())
    return HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return OK
    first = missing[0][0]
    return f"{len(missing)} not applied, the first is {first.app_label}.{first.name}; run manage.py migrate"


def _broker() -> str:
    redis_client.redis().ping()
    return OK


def _worker() -> str:
    return OK if present_workers(redis_client.redis()) else f"none has said within {PRESENCE_S} s that it is alive"


def _backends_ready() -> list[str]:
    """The backend of each ready worker."""
    try:
        return [worker.backend for worker in present_workers(redis_client.redis())]
    except RedisError:
        return []


_PROBES: Final = {
    "database": Probe(_database),
    "migrations": Probe(_migrations),
    "broker": Probe(_broker),
    "worker": Probe(_worker),
}
