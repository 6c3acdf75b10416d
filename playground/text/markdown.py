"""Renders a Markdown description as safe HTML: allow-listed elements, no images, no raw HTML. Pure.

Two safeguards: the Markdown parser accepts no HTML, and its output is cleaned against a list of allowed elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from playground.text.display_text import readable
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


# "![text](address)" becomes an exclamation mark and a link: nothing is loaded from another site.
_READER: Final = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
_READER.disable("image")


def rendered(text: str) -> SafeString:
    """``text`` as HTML; text over the limit is left out, with a note. An image becomes a link to it."""
    tokens = _READER.parse(readable(text, limit=DESCRIPTION_CHARACTERS_MAX))
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
