"""A collection read in order: on the pages of its experiments and runs, what comes before and what comes next.

Pages that are reached from a collection have its id in their address, so one experiment may be read in several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.library.collections.stored import ITEMS_MAX, visible_items
from playground.library.models import Collection, CollectionItem

if TYPE_CHECKING:
    from django.http import QueryDict

    from playground.experiments.models import Experiment
    from playground.experiments.viewer import Viewer

ASKED_BY: Final = "in"
CONTAINING_SHOWN_MAX: Final = 5
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """An experiment is ``number`` of ``count`` that the viewer sees in the collection; neighbours have its run."""

    collection: Collection
    number: int
    count: int
    remark: str
    before: CollectionItem | None
    after: CollectionItem | None

    @property
    def query(self) -> str:
        """What an address of the same path ends with."""
        return query_of(self.collection)


def query_of(collection: Collection) -> str:
    """What the addresses of the experiments and runs that are read in ``collection`` end with."""
    return f"?{ASKED_BY}={collection.pk}"


def reading_path(asked: QueryDict, experiment: Experiment, viewer: Viewer) -> ReadingPath | None:
    """The path that the address asks for, or None: without one, or where the viewer sees no such place of it."""
    key = asked.get(ASKED_BY, "")
    if not _ID.fullmatch(key):
        return None
    collection = Collection.objects.openable_by(viewer).filter(pk=key).first()
    if collection is None:
        return None
    of_it = visible_items(viewer).filter(collection=collection)
    order = list(of_it.values_list("pk", "experiment_id")[:ITEMS_MAX])
    at = next((at for at, (_item, one) in enumerate(order) if one == experiment.pk), None)
    if at is None:
        return None
    near = of_it.select_related("experiment__search_document").defer("experiment__search_document__lines_blob")
    found = near.in_bulk([item for item, _one in order[max(0, at - 1) : at + 2]])
    before, here, after = (
        found.get(order[where][0]) if 0 <= where < len(order) else None for where in (at - 1, at, at + 1)
    )
    return ReadingPath(collection, at + 1, len(order), here.remark if here else "", before, after)


def containing(experiment: Experiment, viewer: Viewer) -> list[Collection]:
    """The newest collections that the viewer sees in lists and sees this experiment in."""
    seen = visible_items(viewer).filter(experiment=experiment).order_by().values("collection")
    listed = Collection.objects.listed_for(viewer).filter(pk__in=seen)
    return list(listed.order_by("-created_at", "id")[:CONTAINING_SHOWN_MAX])
