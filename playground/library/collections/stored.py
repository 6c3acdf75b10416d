"""Collections: the items each viewer sees, and how editors change them.

A public collection shows only items that the viewer could find anyway, so adding to one publishes nothing; other
collections show what the viewer may open. Hidden items are not counted either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from playground.accounts import audit
from playground.accounts.actions import Action
from playground.experiments.models import Experiment, Visibility
from playground.library.models import Collection, CollectionItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.experiments.viewer import Viewer

ITEMS_MAX: Final = 300
COLLECTIONS_SHOWN_MAX: Final = 100

Move = Literal["first", "up", "down", "last"]


def visible_items(viewer: Viewer) -> QuerySet[CollectionItem]:
    """The items of all collections that ``viewer`` sees."""
    experiment = Experiment.objects.filter(pk=OuterRef("experiment_id"))
    is_public = Q(collection__visibility=Visibility.PUBLIC)
    listed, openable = Exists(experiment.listed_for(viewer)), Exists(experiment.openable_by(viewer))
    return CollectionItem.objects.filter((is_public & Q(listed)) | (~is_public & Q(openable)))


def items_of(collection: Collection, viewer: Viewer) -> list[CollectionItem]:
    """The items ``viewer`` sees in it, in order."""
    found = visible_items(viewer).filter(collection=collection)
    related = found.select_related("experiment", "experiment__owner", "experiment__search_document__run")
    return list(related.defer("experiment__search_document__lines_blob", *_BLOBS)[:ITEMS_MAX])


_BLOBS: Final = ("experiment__search_document__run__result_blob", "experiment__search_document__run__events_blob")


def listed_collections(viewer: Viewer) -> list[tuple[Collection, int]]:
    """The newest collections visible to ``viewer``, each with the number of items they see."""
    found = list(
        Collection.objects.listed_for(viewer)
        .select_related("owner")
        .order_by("-created_at", "id")[:COLLECTIONS_SHOWN_MAX]
    )
    counted = visible_items(viewer).filter(collection__in=found).order_by().values("collection")
    counts = dict(counted.annotate(n=Count("pk")).values_list("collection", "n"))
    return [(one, counts.get(one.pk, 0)) for one in found]


def editable_collections(viewer: Viewer) -> list[Collection]:
    """The collections ``viewer`` may add experiments to, by title."""
    if viewer.user_id is None:
        return []
    mine = Collection.objects.editable_by(viewer).filter(deleted_at=None)
    return list(mine.order_by("title", "id")[:COLLECTIONS_SHOWN_MAX])


def put(collection: Collection, experiment: Experiment, *, position: int | None = None, remark: str = "") -> bool:
    """Add it to the collection, last or at ``position``; False if the collection is full or contains it."""
    with transaction.atomic():
        order = _locked_order(collection)
        if len(order) >= ITEMS_MAX or collection.items.filter(experiment=experiment).exists():
            return False
        item = CollectionItem.objects.create(
            collection=collection, experiment=experiment, remark=remark, position=len(order)
        )
        order.insert(len(order) if position is None else min(position, len(order)), item.pk)
        _renumber(order)
    return True


def take_out(item: CollectionItem) -> int:
    """Remove it from its collection; returns its position, for undo."""
    with transaction.atomic():
        order = _locked_order(item.collection)
        key = item.pk
        if key not in order:
            return len(order)
        position = order.index(key)
        item.delete()
        order.remove(key)
        _renumber(order)
    return position


def move(item: CollectionItem, where: Move, viewer: Viewer) -> None:
    """Move it past its neighbours as ``viewer`` sees them."""
    with transaction.atomic():
        order = _locked_order(item.collection)
        seen = list(visible_items(viewer).filter(collection=item.collection).values_list("pk", flat=True))
        if item.pk not in seen or item.pk not in order:
            return
        at = seen.index(item.pk)
        to = {"first": 0, "up": at - 1, "down": at + 1, "last": len(seen) - 1}[where]
        if to == at or not 0 <= to < len(seen):
            return
        order.remove(item.pk)
        order.insert(order.index(seen[to]) + (where in ("down", "last")), item.pk)
        _renumber(order)


def make(owner_id: int, fields: Mapping[str, str | None]) -> Collection:
    """Store a new one."""
    with transaction.atomic():
        made = Collection.objects.create(owner_id=owner_id, **fields)
        _tell(Action.COLLECTION_SHARED, made, owner_id, after=made.visibility)
    return made


def change(collection: Collection, fields: Mapping[str, str | None], by: Viewer) -> None:
    """Store its title, introduction and who may see it."""
    with transaction.atomic():
        before = Collection.objects.select_for_update().get(pk=collection.pk)
        Collection.objects.filter(pk=collection.pk).update(**fields)
        after = Collection.objects.get(pk=collection.pk)
        if before.team_id == after.team_id:
            _tell(Action.COLLECTION_CHANGED, after, by.user_id, before=before.visibility, after=after.visibility)
        else:
            _tell(Action.COLLECTION_TAKEN_OUT, before, by.user_id)
            _tell(Action.COLLECTION_SHARED, after, by.user_id, after=after.visibility)


def delete(collection: Collection, by: Viewer) -> None:
    """Delete it; its editors can restore it."""
    with transaction.atomic():
        Collection.objects.filter(pk=collection.pk).update(deleted_at=timezone.now())
        _tell(Action.COLLECTION_DELETED, collection, by.user_id)


def restore(collection: Collection, by: Viewer) -> None:
    """Restore it."""
    with transaction.atomic():
        Collection.objects.filter(pk=collection.pk).update(deleted_at=None)
        _tell(Action.COLLECTION_RESTORED, collection, by.user_id)


def _tell(action: Action, collection: Collection, by: int | None, **told: str) -> None:
    """Write it into the audit list of the collection's team, if it has one."""
    if collection.team_id is not None:
        audit.note(action, collection.team_id, by, about=collection.pk, subject=collection.title, **told)


def _locked_order(collection: Collection) -> list[int]:
    Collection.objects.select_for_update().get(pk=collection.pk)
    return list(collection.items.values_list("pk", flat=True))


def _renumber(order: Sequence[int]) -> None:
    items = CollectionItem.objects.in_bulk(order)
    for position, key in enumerate(order):
        items[key].position = position
    CollectionItem.objects.bulk_update(items.values(), ["position"])
