"""Writes a backup while the installation is in use."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import suppress
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from playground.archives.models import Archive, archive_storage
from playground.backups.contents import ABOUT, ARCHIVES, DERIVED, KEY, ROWS, about_this

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from django.db.models import Model


def write(target: BinaryIO | IO[bytes]) -> None:
    """Write a backup of this installation as it is at one moment; ``target`` need not be seekable."""
    with ZipFile(target, "w", ZIP_DEFLATED) as kept, transaction.atomic():
        _stay_at_one_moment()
        kept.writestr(ABOUT, json.dumps(about_this()))
        kept.writestr(KEY, settings.SECRET_KEY)
        with kept.open(ROWS, "w", force_zip64=True) as entry, io.TextIOWrapper(entry, "utf-8") as rows:
            serializers.serialize("jsonl", _every_row(), stream=rows, cls=_Exact)
        for name in Archive.objects.exclude(file="").values_list("file", flat=True).iterator():
            _copy_archive(name, kept)


class _Exact(DjangoJSONEncoder):
    """Django's own cuts times to milliseconds."""

    def default(self, o: Any) -> Any:
        """What JSON has no form for."""
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _every_row() -> Iterator[Model]:
    """Of the managers that hide nothing: what is deleted can be brought back for a while."""
    for model in apps.get_models():
        if model._meta.label_lower not in DERIVED and not model._meta.proxy:  # noqa: SLF001 - it has no other name
            yield from model._base_manager.order_by("pk").iterator()  # noqa: SLF001 - as above


def _copy_archive(name: str, kept: ZipFile) -> None:
    # One that nothing names may be swept meanwhile.
    with (
        suppress(FileNotFoundError),
        archive_storage().open(name) as source,
        kept.open(f"{ARCHIVES}{name}", "w", force_zip64=True) as copy,
    ):
        shutil.copyfileobj(source, copy)


def _stay_at_one_moment() -> None:
    """SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
