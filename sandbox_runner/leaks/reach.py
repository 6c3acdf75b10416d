"""Module variables of Node within the probe's reach: lines that are put behind the user's own, in replays only. Pure.

A ``let`` that nobody exports can be read by a debugger and written by nothing but code of its own module. Python
needs none of this: a module there is an object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.leaks.source import home_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A line of its own, behind whatever the file ends with.
_ACCESS: Final = (
    '\n;(globalThis[Symbol.for("holdover.places")] ??= {{}})["{place}"] = '
    "{{ get: () => {name}, set: (value) => {{ {name} = value; }} }};\n"
)


def within_reach(files: Mapping[str, str], places: Sequence[str]) -> dict[str, str]:
    """``files`` with access to those of ``places`` that are variables of a JavaScript module."""
    found = dict(files)
    for place in places:
        path, name = home_of(files, place)
        if path.endswith(("js", "mjs", "cjs")) and name:
            found[path] += _ACCESS.format(place=place.replace("\\", "").replace('"', ""), name=name)
    return found
