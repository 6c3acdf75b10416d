"""The library's addresses, which are permanent."""

from __future__ import annotations

from django.urls import path

from playground.library import views
from playground.library.collections import views as collection_views
from playground.library.digests import views as digest_views
from playground.library.feeds import views as feed_views
from playground.library.notes import views as note_views

urlpatterns = [
    path("library", views.library, name="library"),
    path("library/notes", views.notes_on_mine, name="notes-on-mine"),
    path("library/collections", collection_views.collections, name="collections"),
    path("library/collections/<slug:collection_id>", collection_views.collection, name="collection"),
    path("library/collections/<slug:collection_id>/edit", collection_views.edit, name="collection-edit"),
    path("library/collections/<slug:collection_id>/delete", collection_views.delete, name="collection-delete"),
    path("library/collections/<slug:collection_id>/restore", collection_views.restore, name="collection-restore"),
    path("library/collections/<slug:collection_id>/items", collection_views.put, name="collection-put"),
    path(
        "library/collections/<slug:collection_id>/items/<int:item_id>",
        collection_views.arrange,
        name="collection-arrange",
    ),
    path("library/collections/<slug:collection_id>/feed", feed_views.of_collection, name="collection-feed"),
    path("library/feeds", feed_views.own, name="feeds"),
    path("feeds/<slug:secret>", feed_views.by_key, name="feed"),
    path("library/digest", digest_views.own, name="digest"),
    path("digest/stop/<slug:secret>", digest_views.stop, name="digest-stop"),
    path("library/put", collection_views.put_somewhere, name="collection-put-somewhere"),
    path("r/<slug:run_id>/notes", note_views.write, name="note-write"),
    path("notes/<slug:note_id>", note_views.note, name="note"),
    path("notes/<slug:note_id>/edit", note_views.edit, name="note-edit"),
    path("notes/<slug:note_id>/delete", note_views.delete, name="note-delete"),
    path("notes/<slug:note_id>/restore", note_views.restore, name="note-restore"),
    path("notes/<slug:note_id>/hide", note_views.hide, name="note-hide"),
]
