"""The bars of a timeline as markup: a large run has hundreds, and a template's own conditions take long for each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.template import Context

    from playground.run_page.timeline.shapes import Mark

_PATTERNS: Final = {"frozen": "hatch-frozen", "suppressed-init": "stripes-init"}
_SIGNS: Final = {
    "shutdown": "M0 -6V0M-3.5 -4A5.2 5.2 0 1 0 3.5 -4",
    "reset": "M-5 -1A5 5 0 1 1 -3.5 4M-6.5 -5.5L-5 -0.5L-0.5 -2",
}
# What is narrower has no room for the sign of a shutdown; that of a reset is all there is of it.
_SIGN_PX: Final = 12

register = template.Library()


@register.simple_tag(takes_context=True)
def bars(context: Context, marks: Iterable[Mark]) -> SafeString:
    """A link for each phase, to the row that it belongs to."""
    base, prefix = (escape(str(context.get(name, ""))) for name in ("base", "prefix"))
    elsewhere = ' target="_blank" rel="noopener"' if base else ""
    return mark_safe("\n".join(_bar(mark, base, prefix, elsewhere) for mark in marks))  # noqa: S308 - every part is escaped


def _bar(mark: Mark, base: str, prefix: str, elsewhere: str) -> str:
    title, anchor = escape(mark.title), f"{prefix}{escape(mark.anchor)}"
    ways = f' data-ways="{escape(mark.ways)}"' if mark.ways else ""
    label = f'<text x="{mark.label_x}" y="{mark.label_y}">{escape(mark.label)}</text>' if mark.label else ""
    return (
        f'<a class="{_classes(mark)}" href="{base}#{anchor}" data-select="{anchor}"{elsewhere}{ways}'
        f' aria-label="{title}"><title>{title}</title>'
        f'<rect x="{mark.x}" y="{mark.y}" width="{mark.width}" height="{mark.height}"'
        f"{_fill(mark, prefix)}/>{_sign(mark)}{_parts(mark)}{label}</a>"
    )


def _classes(mark: Mark) -> str:
    also = {
        "plain": mark.kind == "invoke" and not mark.colour,
        "failed": mark.failed,
        "uncalled": mark.uncalled,
    }
    return " ".join(["mark", f"mark-{mark.kind}", *(name for name, is_so in also.items() if is_so)])


def _fill(mark: Mark, prefix: str) -> str:
    pattern = _PATTERNS.get(mark.kind) or (f"caller-{mark.colour}" if mark.colour else "")
    return f' fill="url(#{prefix}{pattern})"' if pattern else ""


def _sign(mark: Mark) -> str:
    path = _SIGNS.get(mark.kind)
    if not path or (mark.kind == "shutdown" and mark.width <= _SIGN_PX):
        return ""
    return f'<path class="sign" transform="translate({mark.label_x} {mark.sign_y})" d="{path}"/>'


def _parts(mark: Mark) -> str:
    return "".join(
        f'<path class="mote mote-{one.kind}" d="{one.path}"><title>{escape(one.title)}</title></path>'
        for one in mark.parts
    )
