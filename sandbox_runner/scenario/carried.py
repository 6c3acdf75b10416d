"""What a function carries as it is: attached files, layers and extensions. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from sandbox_runner import limits
from sandbox_runner.scenario.field_types import TaskPath

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Layer(BaseModel):
    """What is unpacked at ``/opt``: every file in Base64, by its path there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=140)
    files: dict[TaskPath, str] = Field(min_length=1, max_length=limits.ATTACHED_FILES_MAX)


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
