"""Module variables within the probe's reach: lines that are put behind the user's own, in replays only. Pure.

Some languages need none of this: a module there is an object. The others say what the line is, see
:class:`sandbox_runner.runtimes.model.Language`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.handler_code.source_lines import home_of, module_of
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def within_reach(files: Mapping[str, str], places: Sequence[str]) -> dict[str, str]:
    """``files`` with access to those of ``places`` that are variables of a module, where it takes a line."""
    found = dict(files)
    for place in places:
        path, name = home_of(files, place)
        language = language_of_file(path)
        if language and name:
            found[path] += language.accessor.format(place=f"{module_of(path)}.{name}".replace('"', ""), name=name)
    return found
