"""Restores a backup into an installation that has nothing yet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.files import File
from django.core.management.color import no_style
from django.db import connection, transaction

from playground.archives.models import archive_storage
from playground.backups.contents import ARCHIVES, KEY, ROWS, about, about_this
from playground.experiments.models import Experiment
from playground.library.search.indexing import index_all

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


class CannotRestoreError(Exception):
    """Why a backup is not restored, in a sentence for the operator. Nothing was changed."""


def restore(source: Path) -> int:
    """Restore that backup; returns how many experiments can be searched for again.

    :raises CannotRestoreError: it is damaged, not for this installation, or the installation has something already.
    """
    try:
        with ZipFile(source) as kept:
            _refuse_unless_it_fits(kept)
            with transaction.atomic():
                with kept.open(ROWS) as entry, io.TextIOWrapper(entry, "utf-8") as rows:
                    _load(rows)
                _bring_archives(kept)
    except (OSError, BadZipFile, KeyError, ValueError, serializers.base.DeserializationError) as problem:
        raise CannotRestoreError(f"{source} is no whole backup: {problem}") from problem
    return sum(1 for _ in index_all())


def _refuse_unless_it_fits(kept: ZipFile) -> None:
    if about(kept) != about_this():
        sentence = "It was made by another version: restore it with that version, and upgrade then."
        raise CannotRestoreError(sentence)
    if kept.read(KEY).decode() != settings.SECRET_KEY:
        sentence = (
            "It was made with another key, and what that has signed would count no more: "
            f"HOLDOVER_SECRET_KEY has to be what the file {KEY} in it says."
        )
        raise CannotRestoreError(sentence)
    if Experiment.objects.exists() or get_user_model().objects.exists():
        raise CannotRestoreError(
            "This installation has experiments or people already; only an empty one takes a backup."
        )


def _load(rows: TextIO) -> None:
    # This installation numbered these at its first start, perhaps otherwise.
    ContentType.objects.all().delete()
    ContentType.objects.clear_cache()
    models = set()
    for row in serializers.deserialize("jsonl", rows):
        row.save()
        models.add(type(row.object))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), sorted(models, key=str)):
            cursor.execute(statement)


def _bring_archives(kept: ZipFile) -> None:
    storage = archive_storage()
    for entry in kept.namelist():
        name = entry.removeprefix(ARCHIVES)
        # What is there is the same: the name is a new one for each.
        if name != entry and not storage.exists(name):
            with kept.open(entry) as source:
                storage.save(name, File(source))
