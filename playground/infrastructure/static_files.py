"""Static files under names with their digest; the list of them is kept where it is not served."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]  # ships no types


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the same
    """WhiteNoise's storage with its manifest beside the served folder instead of in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        beside = FileSystemStorage(location=settings.HOLDOVER.data / "static-manifest")
        super().__init__(*args, manifest_storage=beside, **kwargs)
