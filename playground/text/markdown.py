"""A description in Markdown as HTML that a page may show: an allow-list of elements, no images, no markup of its own.

Twice guarded: the Markdown reader takes no HTML, and what it writes is cleaned by a list of what may stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from playground.text.display_text import plain, visible
from playground.text.normalize import DESCRIPTION_CHARACTERS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_ELEMENTS: Final = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
# A page's own headings end at h2.
_HEADINGS: Final = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


# "![words](address)" reads as an exclamation mark and a link: nothing is loaded from another site.
_READER: Final = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
_READER.disable("image")


def rendered(text: str) -> SafeString:
    """``text`` as HTML; what is over the bound is left out, and that is said. An image becomes a link to it."""
    tokens = _READER.parse(plain(visible(text, limit=DESCRIPTION_CHARACTERS_MAX)))
    html = _READER.renderer.render(_lowered(tokens), _READER.options, {})
    clean = nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it by a list of elements


def _lowered(tokens: Sequence[Token]) -> Sequence[Token]:
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    return tokens
