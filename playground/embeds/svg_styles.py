"""Converts our style sheets for the picture renderer: light colours inlined, simple selectors only. Pure.

A browser resolves custom properties, ``light-dark()`` and ``:is()``; the renderer supports none of them. What a picture
does not need (states, print) is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_MEDIA: Final = re.compile(r"@[a-z-]+[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PROPERTY: Final = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
_LIGHT: Final = re.compile(r"light-dark\(([^,()]+),[^()]+\)")
_VAR: Final = re.compile(r"var\(--([a-z0-9-]+)\)")
_IS: Final = re.compile(r":is\(([^()]*)\)")
# The bundled fonts replace the fonts of a reader's system.
_FAMILIES: Final = {"mono": '"DejaVu Sans Mono"', "sans": '"DejaVu Sans"'}


def picture_styles(colours: str, styles: str) -> str:
    """The rules of ``styles`` that apply to a picture, with the custom properties of ``colours`` inlined."""
    values = {name: _LIGHT.sub(r"\1", value) for name, value in _PROPERTY.findall(colours)} | _FAMILIES
    return "\n".join(f"{selector} {{{body}}}" for selector, body in _rules(styles, values))


def _rules(styles: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    plain = _MEDIA.sub("", _COMMENT.sub("", styles))
    for selectors, body in _RULE.findall(plain):
        kept = [one for one in _selectors(selectors) if ":" not in one and "[" not in one]
        if kept:
            yield ", ".join(kept), _VAR.sub(lambda found: values.get(found[1], found[0]), body.strip())


def _selectors(text: str) -> Iterable[str]:
    """Each selector of a list, with ``:is()`` expanded."""
    for one in re.split(r",(?![^(]*\))", text):
        found = _IS.search(one)
        ways = (
            [one[: found.start()] + way.strip() + one[found.end() :] for way in found[1].split(",")] if found else [one]
        )
        yield from (way.strip() for way in ways)
