"""Models of kept zips."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.core.files.storage import storages
from django.db import models

if TYPE_CHECKING:
    from django.core.files.storage import Storage


def archive_storage() -> Storage:
    """Where their bytes are: a folder of the data directory, unless the operator says otherwise."""
    return storages["archives"]


class Archive(models.Model):
    """One zip. ``file`` is empty while its bytes are on their way, and differs each time that they come.

    ``unzipped_bytes`` and ``files`` are what is in it.
    """

    sha256 = models.CharField(primary_key=True, max_length=64)
    file = models.CharField(max_length=120, blank=True)
    bytes = models.PositiveBigIntegerField()
    unzipped_bytes = models.PositiveBigIntegerField()
    files = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class ArchiveUpload(models.Model):
    """That a client has sent a zip; ``client`` and ``browser`` are digests, see :mod:`playground.archives.client`."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="uploads")
    client = models.CharField(max_length=64)
    browser = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Database constraints."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "browser", "archive"], name="archive_upload_of_client")
        ]

    def __str__(self) -> str:
        return f"{self.archive_id[:12]} at {self.at}"


class RevisionArchive(models.Model):
    """That a revision names a zip, which stays for as long."""

    revision = models.ForeignKey("experiments.Revision", models.CASCADE, related_name="archives")
    archive = models.ForeignKey(Archive, models.PROTECT, related_name="revisions")

    class Meta:
        """Database constraints."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["revision", "archive"], name="archive_of_revision")]

    def __str__(self) -> str:
        return f"{self.archive_id[:12]} of {self.revision_id}"
