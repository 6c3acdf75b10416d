"""What a function has besides its code: attached files, layers, extensions, and zips that are named. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sandbox_runner import limits
from sandbox_runner.scenario.field_types import TaskPath, is_absent, is_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Name = Annotated[str, Field(min_length=1, max_length=140)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_ArchiveBytes = Annotated[int, Field(ge=1, le=limits.UNZIPPED_BYTES_MAX)]


class StoredArchive(BaseModel):
    """A zip that is kept beside scenarios: what it is called, which bytes it is, and how many."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Name
    sha256: _Sha256
    bytes: _ArchiveBytes


class Layer(BaseModel):
    """What is unpacked at ``/opt``: every file in Base64 by its path there, or a zip that is kept beside scenarios."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Name
    files: dict[TaskPath, str] = Field(default_factory=dict, max_length=limits.ATTACHED_FILES_MAX, exclude_if=is_empty)
    sha256: _Sha256 | None = Field(default=None, exclude_if=is_absent)
    bytes: _ArchiveBytes | None = Field(default=None, exclude_if=is_absent)

    @model_validator(mode="after")
    def _one_of_two(self) -> Layer:
        is_stored = self.sha256 is not None and self.bytes is not None
        if bool(self.files) == is_stored or (self.sha256 is None) != (self.bytes is None):
            raise PydanticCustomError("layer-content", "layer-content", {})
        return self

    @property
    def archive(self) -> StoredArchive | None:
        """The zip, where it is one that is kept beside scenarios."""
        if self.sha256 is None or self.bytes is None:
            return None
        return StoredArchive(name=self.name, sha256=self.sha256, bytes=self.bytes)


def files_of_opt(layers: Sequence[Layer], extensions: Mapping[str, str]) -> dict[str, str]:
    """What ends up at ``/opt``, in Base64: layers are merged in their order, then come extensions.

    https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html: a later layer's file takes the place of an
    earlier one's.
    """
    written = {path: data for layer in layers for path, data in layer.files.items()}
    for name, text in extensions.items():
        written[f"extensions/{name}"] = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    return written


def check_texts(texts: Mapping[str, str]) -> None:
    """Check the size of each text by its path.

    :raises PydanticCustomError: one is too large.
    """
    for path, text in texts.items():
        if len(text.encode("utf-8", "surrogatepass")) > limits.FILE_BYTES_MAX:
            kb = limits.FILE_BYTES_MAX // limits.KB
            raise PydanticCustomError("file-too-large", "file-too-large", {"path": path, "kb": kb})


def check_carried(files: Mapping[str, str], attached: Mapping[str, str], layers: Sequence[Layer]) -> None:
    """Check what no single field says: that it is Base64, how large it is together, and that no path is there twice.

    :raises PydanticCustomError: it is not so.
    """
    total = sum(_bytes_of(path, written) for path, written in attached.items())
    total += sum(_bytes_of(path, written) for layer in layers for path, written in layer.files.items())
    for path in attached:
        if path in files:
            raise PydanticCustomError("attached-twice", "attached-twice", {"path": path})
    if total > limits.ATTACHED_BYTES_MAX:
        most = limits.ATTACHED_BYTES_MAX
        raise PydanticCustomError("attached-too-large", "attached-too-large", {"bytes": total, "most": most})


def _bytes_of(path: str, written: str) -> int:
    try:
        return len(base64.b64decode(written.encode("ascii"), validate=True))
    except (binascii.Error, UnicodeEncodeError):
        raise PydanticCustomError("attached-not-base64", "attached-not-base64", {"path": path}) from None
