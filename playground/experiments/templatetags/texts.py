"""Pieces of text as markup: a page has thousands, and a template's own loop takes most of the time that it costs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.text.display_text import Piece

register: Final = template.Library()


@register.filter
def as_markup(pieces: Iterable[Piece] | None) -> SafeString:
    """Each piece escaped, in an element of its own if it has a style or an explanation."""
    return mark_safe("".join(map(_markup, pieces or ())))  # noqa: S308 - every part is escaped


@register.filter
def lines_as_markup(lines: Iterable[Iterable[Piece]]) -> SafeString:
    """Each line with its end."""
    return mark_safe("".join(f"{as_markup(line)}\n" for line in lines))  # noqa: S308 - every part is escaped


def _markup(piece: Piece) -> str:
    text = escape(piece.text)
    if not (piece.classes or piece.title):
        return text
    title = f' title="{escape(piece.title)}"' if piece.title else ""
    return f'<span class="{escape(piece.classes)}"{title}>{text}</span>'
