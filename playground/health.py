"""Whether this process can do its work: reach the database and the broker; and which workers are ready."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from playground.experiments import broker
from playground.experiments.presence import present_workers

if TYPE_CHECKING:
    from django.http import HttpRequest


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """200 where database and broker answer, else 503; says which does not."""
    database = _database_answers()
    backends = _backends_ready()
    body = {"database": database, "broker": backends is not None, "backends": backends or []}
    well = database and backends is not None
    return JsonResponse(body, status=HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _backends_ready() -> list[str] | None:
    """The backend of each ready worker, or None where the broker does not answer."""
    try:
        return [worker.backend for worker in present_workers(broker.redis())]
    except RedisError:
        return None
