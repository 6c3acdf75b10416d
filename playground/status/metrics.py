"""``/metrics`` for Prometheus: the counts of all processes, and current gauges.

It may be read by this machine while nobody else can reach the site, and by whoever sends the configured token. In
production without a token it is 404, because behind a proxy every client appears to be this machine.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from playground.experiments import selectors
from playground.infrastructure import metrics, redis_client
from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.runs.worker_registry import present_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from prometheus_client.core import Metric as Family

    from playground.infrastructure.metrics import Metric

_LOOPBACK: Final = ("127.0.0.1", "::1")


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every metric as text; 404 for unauthorised clients."""
    if not may_read(request):
        raise Http404
    try:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(metrics.counted()))
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except RedisError:
        sentence = "The broker, which keeps the metrics, does not answer.\n"
        return HttpResponse(sentence, status=HTTPStatus.SERVICE_UNAVAILABLE, content_type="text/plain; charset=utf-8")


def may_read(request: HttpRequest) -> bool:
    """Whether the client has the token, or is on this machine when no token is required."""
    configuration = settings.HOLDOVER
    if configuration.metrics_token:
        sent = request.headers.get("Authorization", "").encode()
        right = secrets.compare_digest(sent, f"Bearer {configuration.metrics_token}".encode())
        if right and not is_guessing(request):
            return True
        note_wrong(request)
        return False
    return not configuration.production and request.META.get("REMOTE_ADDR") in _LOOPBACK


class _Collector:
    """The numbers in the form of Prometheus's client."""

    def __init__(self, counted: dict[str, float]) -> None:
        self._parts: dict[str, dict[tuple[str, ...], dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for name, value in counted.items():
            metric, labels, part = json.loads(name)
            self._parts[metric][tuple(labels)][part] = value

    def collect(self) -> Iterator[Family]:
        """Counters and histograms of all processes; the gauges are read now."""
        for metric in metrics.METRICS:
            yield self._histogram(metric) if metric.buckets else self._counter(metric)
        yield GaugeMetricFamily("holdover_queue_length", "Runs that wait for a worker.", selectors.queue_length())
        workers = GaugeMetricFamily("holdover_workers", "Workers that are alive.", labels=["backend"])
        present = present_workers(redis_client.redis())
        backends = [worker.backend for worker in present]
        for backend in sorted(set(backends)):
            workers.add_metric([backend], backends.count(backend))
        yield workers
        away = sum(not worker.makes_sandboxes for worker in present)
        yield GaugeMetricFamily("holdover_workers_engine_away", "Workers that take no runs: no engine answers.", away)

    def _counter(self, metric: Metric) -> Family:
        family = CounterMetricFamily(metric.name, metric.says, labels=metric.labels)
        for labels, parts in sorted(self._parts[metric.name].items()):
            family.add_metric(labels, parts.get("total", 0.0))
        return family

    def _histogram(self, metric: Metric) -> Family:
        family = HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)
        for labels, parts in sorted(self._parts[metric.name].items()):
            family.add_metric(labels, _cumulated(metric, parts), parts.get("sum", 0.0))
        return family


def _cumulated(metric: Metric, parts: dict[str, float]) -> list[tuple[str, float]]:
    """Each bucket with the count up to its bound, as Prometheus expects."""
    buckets, so_far = [], 0.0
    for bound in [*(f"{bound:g}" for bound in metric.buckets), "+Inf"]:
        so_far += parts.get(bound, 0.0)
        buckets.append((bound, so_far))
    return buckets
