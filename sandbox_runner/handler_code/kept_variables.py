"""Where something is most likely kept: module variables that functions of the code write, files that it names. Pure.

A guess that needs no run. What it leads to is tried, never believed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Of one file, so that many names cost no more than a glance.
_NAMES_MAX: Final = 40
_CHARACTERS_MAX: Final = 200_000
_FILE: Final = re.compile(r"""(['"`])(/tmp/[\w./-]*[\w-])\1""")


def kept_variables(files: Mapping[str, str]) -> tuple[str, ...]:
    """Their names as the probes write them (``app.cache``), in the order of the files and of their declarations."""
    return tuple(
        f"{module_of(path)}.{name}"
        for path, text in files.items()
        if len(text) <= _CHARACTERS_MAX
        for name in _declared(path, text)
        if any(use.role == "written" for use in syntax.uses(path, text, name))
    )


def named_files(files: Mapping[str, str]) -> tuple[str, ...]:
    """The files of ``/tmp`` that the code names as a whole, in their order."""
    texts = (text for text in files.values() if len(text) <= _CHARACTERS_MAX)
    return tuple(dict.fromkeys(found[2] for text in texts for found in _FILE.finditer(text)))


def _declared(path: str, text: str) -> Iterator[str]:
    return iter(list(dict.fromkeys(syntax.module_variables(path, text)))[:_NAMES_MAX])
