"""Our style sheets as a renderer of pictures understands them: light colours put in, and only simple selectors. Pure.

A browser resolves custom properties, ``light-dark()`` and ``:is()``; the renderer knows none of them. What the picture
has no use for (states, pages in print) is left out.
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
# The fonts that are shipped with us stand for whatever a reader's system would take.
_FAMILIES: Final = {"mono": '"DejaVu Sans Mono"', "sans": '"DejaVu Sans"'}


def picture_styles(colours: str, styles: str) -> str:
    """The rules of ``styles`` that a picture can have, with the custom properties of ``colours`` put in."""
    values = {name: _LIGHT.sub(r"\1", value) for name, value in _PROPERTY.findall(colours)} | _FAMILIES
    return "\n".join(f"{selector} {{{body}}}" for selector, body in _rules(styles, values))


def _rules(styles: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    plain = _MEDIA.sub("", _COMMENT.sub("", styles))
    for selectors, body in _RULE.findall(plain):
        kept = [one for one in _selectors(selectors) if ":" not in one and "[" not in one]
        if kept:
            yield ", ".join(kept), _VAR.sub(lambda found: values.get(found[1], found[0]), body.strip())


def _selectors(text: str) -> Iterable[str]:
    """Each selector of a list, ``:is()`` written out."""
    for one in re.split(r",(?![^(]*\))", text):
        found = _IS.search(one)
        ways = (
            [one[: found.start()] + way.strip() + one[found.end() :] for way in found[1].split(",")] if found else [one]
        )
        yield from (way.strip() for way in ways)
