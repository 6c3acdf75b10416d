"""Marks a place on a run's page with its number of notes and a link to write one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.text.display_text import readable

if TYPE_CHECKING:
    from django.template import Context

_PIN: Final = (
    '<a class="pin" href="?note={0}#new-note" title="{1}"{2}>'
    '<span aria-hidden="true">✎</span><span class="sr">{1}</span></a>'
)

register = template.Library()


@register.filter
def in_brief(sentence: str) -> str:
    """A verdict's sentence for a list: without backticks, truncated, with hidden characters named."""
    return readable(sentence.replace("`", ""))


@register.simple_tag(takes_context=True)
def notes_at(context: Context, anchor: str, *, in_tab_order: bool = True) -> SafeString:
    """The marker of that place; nothing on pages without notes, such as exported ones.

    The keyboard skips the link on every line: the form below can name any line, too.
    """
    library = context.get("library")
    if not library or not anchor:
        return SafeString("")
    count = library.marks.get(anchor, 0)
    stop = "" if in_tab_order else SafeString(' tabindex="-1"')
    pin = format_html(_PIN, anchor, _("Write a note here"), stop)
    if not count:
        return pin
    said = ngettext("%(count)d note", "%(count)d notes", count) % {"count": count}
    return format_html('<a class="note-mark" href="#notes">{}</a>{}', said, pin)
