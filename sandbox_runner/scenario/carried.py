"""What a function carries as it is: attached files, and layers. Pure."""

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
