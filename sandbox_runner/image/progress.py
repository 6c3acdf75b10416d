"""How far the making of an image is, for whoever waits for it: ``<data>/image/progress.json``.

``{"debian": "made", "nodejs22.x": "making", …}``: each part that takes long, by name. The file is there only while an
image is made.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from .paths import data_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAKING: Final = "making"
MADE: Final = "made"


def read(data: Path) -> dict[str, str]:
    """What the builder that uses the folder ``data`` says of each part; empty where none is at work."""
    try:
        said = json.loads(_file(data).read_text())
    except (OSError, ValueError):
        return {}
    return {str(part): str(state) for part, state in said.items()} if isinstance(said, dict) else {}


class Progress:
    """Tells of the parts of one image while the block lasts. :meth:`part` may be used from several threads."""

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _file(data_dir()).unlink(missing_ok=True)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """``name`` is being made while the block lasts; made, if it ends well."""
        self._say(name, MAKING)
        yield
        self._say(name, MADE)

    def _say(self, name: str, state: str) -> None:
        with self._lock:
            self._parts[name] = state
            target = _file(data_dir())
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{os.getpid()}-{target.name}")
            draft.write_text(json.dumps(self._parts))
            draft.rename(target)


def _file(data: Path) -> Path:
    return data / "image" / "progress.json"
