"""The installation's workers, for the start page of staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from playground.infrastructure import redis_client
from playground.runs.worker_registry import present_workers
from playground.text import labels

if TYPE_CHECKING:
    from playground.runs.worker_registry import Presence

register: Final = template.Library()


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker; ``away`` is its engine's problem, empty if the engine answers."""

    name: str
    backend: str
    away: str
    engine: str
    sweep: str


@register.simple_tag
def workers() -> list[WorkerRow] | None:
    """The live workers; None if the broker, which tracks them, does not answer."""
    try:
        return [_row(worker) for worker in present_workers(redis_client.redis())]
    except RedisError:
        return None


def _row(worker: Presence) -> WorkerRow:
    condition = worker.condition
    if condition is None:
        return WorkerRow(worker.name, worker.backend, "", _("its version does not say"), "")
    asked = _("asked %(seconds)s ago") % {"seconds": labels.seconds(condition.engine_age_s)}
    swept = _("none yet")
    if condition.sweep_age_s is not None:
        swept = _("%(seconds)s ago") % {"seconds": labels.seconds(condition.sweep_age_s)}
    return WorkerRow(worker.name, worker.backend, condition.engine, asked, swept)
