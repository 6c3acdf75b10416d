"""``python -m benchmarks.web.library_times ROUNDS``: times of searches and pages, in ms by name, as JSON.

In a process of its own, against the database that ``HOLDOVER_DATABASE_URL`` names. What is searched for is drawn from
the words that generated experiments are made of, with the same seed every time: frequent and rare words, names,
phrases, errors, Japanese, and what only one experiment has.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import django

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUERIES: Final = 40


def main() -> None:
    """Print the samples."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    _analyse()
    from django.test import override_settings  # noqa: PLC0415 - Django is set up by now only

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES={"staticfiles": plain}):
        print(json.dumps(_times(int(sys.argv[1]))))


def _times(rounds: int) -> dict[str, list[float]]:
    from django.test import Client  # noqa: PLC0415 - as above

    from playground.experiments.models import Run  # noqa: PLC0415 - as above
    from playground.experiments.viewer import STRANGER  # noqa: PLC0415 - as above
    from playground.library.search.params import SearchParams  # noqa: PLC0415 - as above
    from playground.library.search.query_text import read_query  # noqa: PLC0415 - as above
    from playground.library.search.searching import search  # noqa: PLC0415 - as above

    browser = Client()
    asked = [SearchParams(read_query(text)) for text in _queries()]
    narrowed = [SearchParams(one.query, (("verdict", "leak"), ("runtime", "python3.13"))) for one in asked]
    public = Run.objects.filter(revision__experiment__visibility="public").order_by("id")
    runs = list(public.values_list("id", flat=True)[:QUERIES])
    return {
        "search": _timed(rounds, asked, lambda one: search(one, STRANGER, facets=False)),
        "search with facet counts": _timed(rounds, asked, lambda one: search(one, STRANGER)),
        "search narrowed down by two facets, with counts": _timed(rounds, narrowed, lambda one: search(one, STRANGER)),
        "list of the newest, with facet counts": _timed(
            rounds, [SearchParams()] * 10, lambda one: search(one, STRANGER)
        ),
        "page of the library, searched": _timed(rounds, asked, lambda one: browser.get("/library", {"q": one.text})),
        "page of the library, listed": _timed(rounds, ["/library"] * 10, browser.get),
        "page of the collections": _timed(rounds, ["/library/collections"] * 10, browser.get),
        "page of a run": _timed(rounds, [f"/r/{run}" for run in runs], browser.get),
    }


def _timed(rounds: int, asked: Sequence[Any], do: Callable[[Any], object]) -> list[float]:
    """Milliseconds of each; the first time through all is not counted."""
    samples = []
    for counted in [False] + [True] * rounds:
        for one in asked:
            began = time.perf_counter_ns()
            do(one)
            if counted:
                samples.append((time.perf_counter_ns() - began) / 1e6)
    return samples


def _queries() -> list[str]:
    from playground.library.generated.cases import ADJECTIVES, OBJECTS, SERVICES  # noqa: PLC0415 - as above
    from playground.library.models import SearchDocument  # noqa: PLC0415 - as above

    chance = random.Random(7)
    unique = [
        text.split("`")[3] for text in SearchDocument.objects.values_list("experiment__description", flat=True)[:5]
    ]
    fixed = [
        "handler",
        "event",
        "Runtime.ImportModuleError",
        '"task timed out"',
        "リクエスト",
        "global value",
        "token -python",
    ]
    shapes = [
        lambda: chance.choice(OBJECTS),
        lambda: f"{chance.choice(ADJECTIVES)}{chance.choice(OBJECTS).title()}",
        lambda: f"{chance.choice(SERVICES)} {chance.choice(OBJECTS)}",
        lambda: f'{chance.choice(SERVICES)} "another caller\'s {chance.choice(OBJECTS)}"',
        lambda: f"queryStringParameters.{chance.choice(OBJECTS)}",
    ]
    drawn = [chance.choice(shapes)() for _ in range(QUERIES - len(fixed) - len(unique))]
    return fixed + unique + drawn


def _analyse() -> None:
    """What autovacuum does on a running server within a minute of such a load."""
    from django.db import connection  # noqa: PLC0415 - as above

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "SELECT 1")


if __name__ == "__main__":
    main()
