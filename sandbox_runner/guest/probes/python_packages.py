"""Which values are an installed package's, not the function's: told by the file of their class's module."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from . import python_children
from .python_text import is_a

_PACKAGES = "/site-packages/"


class Packages:
    """For one walk: what it learns of a class is only true for as long as the class is held."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def has(self, value: Any) -> bool:
        """Whether ``value`` is an instance of a class of theirs."""
        kind = type(value)
        known = self._known.get(id(kind))
        if known is None:
            known = self._known[id(kind)] = _PACKAGES in _file_of(python_children.module_of(kind))
        return known


def _file_of(module: str) -> str:
    found = sys.modules.get(module)
    file = python_children.instance_dict(found).get("__file__") if is_a(found, ModuleType) else None
    return file if type(file) is str else ""
