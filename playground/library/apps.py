"""The app of the knowledge base."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Search, tags, collections and notes."""

    name = "playground.library"
    label = "library"
