"""Keeps zips that clients send, and lets go of those that nothing names any more.

A zip has a row and a file. The row is first and the file's name is new each time, so that whoever removes an old file
never removes one that has just come.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import tempfile
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from playground.archives.models import Archive, ArchiveUpload, RevisionArchive, archive_storage
from playground.experiments.models import Experiment
from sandbox_runner.bundles.keeping import check_whole, write_zip
from sandbox_runner.bundles.zip_archive import check_size
from sandbox_runner.errors import ArchiveMissing, ScenarioError
from sandbox_runner.limits import MB
from sandbox_runner.messages import cut, say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import BinaryIO

    from playground.archives.client import Client
    from playground.experiments.models import Revision
    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.scenario.carried import StoredArchive
    from sandbox_runner.scenario.model import Scenario

_LOG: Final = logging.getLogger(__name__)
_LOCK: Final = 0x686F6C64
_BATCH: Final = 50


class ClientsZips:
    """Keeps what one client sends; see :class:`sandbox_runner.bundles.keeping.Keeper`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def keep(self, name: str, bundle: Bundle) -> dict[str, Any]:
        """Keep all of ``bundle`` as a zip.

        :raises ScenarioError: it is damaged, or more than may be kept.
        """
        with tempfile.TemporaryFile() as file:
            write_zip(bundle, file)
            return {"name": name, **self._keep(file, bundle)}

    def keep_as_it_is(self, file: BinaryIO, bundle: Bundle) -> dict[str, Any]:
        """Keep ``file``, in which ``bundle`` is all that will ever be taken; returns its digest and its size.

        :raises ScenarioError: as for :meth:`keep`.
        """
        check_whole(bundle)
        return self._keep(file, bundle)

    def _keep(self, file: BinaryIO, bundle: Bundle) -> dict[str, Any]:
        size = check_size(file, settings.HOLDOVER.archive_bytes_max)
        file.seek(0)
        digest = hashlib.file_digest(cast("Any", file), "sha256").hexdigest()
        archive = Archive(sha256=digest, bytes=size, unzipped_bytes=bundle.size, files=len(bundle.entries))
        _keep(archive, file, self._client)
        return {"sha256": digest, "bytes": size}


class KeptZips:
    """Opens the zips of one scenario; see :class:`sandbox_runner.bundles.archive_folder.Archives`.

    :param files: the names in the storage, by digest.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def open(self, archive: StoredArchive) -> BinaryIO:
        """Its bytes.

        :raises ArchiveMissing: they are not there.
        """
        name = self._files.get(archive.sha256, "")
        try:
            if not name:
                raise FileNotFoundError
            return cast("BinaryIO", archive_storage().open(name, "rb"))
        except OSError as problem:
            raise ArchiveMissing(archive.name, archive.sha256, archive.bytes) from problem


def kept_zips(revision: Revision) -> KeptZips:
    """The zips that ``revision`` names, as far as they are kept."""
    return KeptZips(dict(revision.archives.values_list("archive_id", "archive__file")))


def sent_by(client: Client, sha256: str) -> Archive | None:
    """That zip, where this client has sent it and its bytes are here."""
    found = Archive.objects.filter(pk=sha256, uploads__in=_uploads_of(client)).exclude(file="").first()
    return found if found is not None and archive_storage().exists(found.file) else None


def check_named(scenario: Scenario, client: Client) -> None:
    """Whether ``client`` may have a scenario played that names these zips, and whether they are what it says.

    :raises ScenarioError: one is not theirs: they have neither sent it nor may they open a revision that names it.
    """
    for each in scenario.archives:
        sent = Q(uploads__in=_uploads_of(client))
        opened = Q(revisions__revision__experiment__in=Experiment.objects.openable_by(client.viewer))
        if not Archive.objects.filter(sent | opened, pk=each.sha256, bytes=each.bytes).exists():
            raise ScenarioError(say("archive-unknown", name=cut(each.name), sha256=each.sha256))


def note_named(revision: Revision, scenario: Scenario) -> None:
    """Keep what ``scenario``, which is that of ``revision``, names for as long as the revision has it."""
    named = [each.sha256 for each in scenario.archives]
    for archive in Archive.objects.select_for_update().filter(pk__in=named) if named else ():
        RevisionArchive.objects.get_or_create(revision=revision, archive=archive)


def on_emptied(experiment_ids: Collection[str], **_: object) -> None:
    """The revisions of these experiments name nothing any more."""
    RevisionArchive.objects.filter(revision__experiment__in=experiment_ids).delete()


def sweep() -> int:
    """Remove what nothing names, and nobody has sent for a while; returns how many there were."""
    before = timezone.now() - timedelta(hours=settings.HOLDOVER.deletion_grace_hours)
    found = Archive.objects.filter(revisions=None).exclude(uploads__at__gt=before)
    return sum(_removed(sha256, before) for sha256 in found.values_list("sha256", flat=True)[:_BATCH])


def _removed(sha256: str, before: object) -> bool:
    with transaction.atomic():
        archive = Archive.objects.select_for_update().filter(pk=sha256).first()
        if archive is None or archive.revisions.exists() or archive.uploads.filter(at__gt=before).exists():
            return False
        archive.delete()
    _remove_file(archive.file)
    return True


def _remove_file(name: str) -> None:
    if name:
        with suppress(OSError):
            archive_storage().delete(name)


def _uploads_of(client: Client) -> Any:
    mine = Q(client__in=client.identities)
    return ArchiveUpload.objects.filter(mine | Q(browser=client.browser) if client.browser else mine)


def _keep(archive: Archive, file: BinaryIO, client: Client) -> None:
    before = _noted(archive, client)
    if before and archive_storage().exists(before):
        return
    file.seek(0)
    name = archive_storage().save(f"{archive.sha256}-{secrets.token_hex(4)}.zip", File(file))
    if not Archive.objects.filter(pk=archive.pk, file=before).update(file=name):
        # Somebody else has sent the same at the same time.
        _remove_file(name)


def _noted(archive: Archive, client: Client) -> str:
    """Note that ``client`` has sent it; returns the name of its file, empty where there is none yet.

    :raises ScenarioError: it is more than this client, or all of them together, may have kept.
    """
    with transaction.atomic():
        _one_at_a_time()
        kept, _ = Archive.objects.get_or_create(
            pk=archive.pk,
            defaults={name: getattr(archive, name) for name in ("bytes", "unzipped_bytes", "files")},
        )
        ArchiveUpload.objects.update_or_create(
            archive=kept, client=client.counted_as, browser=client.browser, defaults={"at": timezone.now()}
        )
        mine = ArchiveUpload.objects.filter(client=client.counted_as)
        _check_room(
            Archive.objects.filter(pk__in=mine.values("archive")),
            settings.HOLDOVER.archives_client_mb,
            "archives-of-client-full",
        )
        _check_room(Archive.objects.all(), settings.HOLDOVER.archives_mb, "archives-full")
    return kept.file


def _check_room(archives: Any, most_mb: int, code: str) -> None:
    if sum(archives.values_list("bytes", flat=True)) > most_mb * MB:
        raise ScenarioError(say(code, most=most_mb))


def _one_at_a_time() -> None:
    """Until the transaction ends, nobody else counts; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
