"""Marks a place on a run's page with its number of notes and a link to write one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.experiments.templatetags.texts import as_markup
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.template import Context

    from playground.run_page.log import LogLine

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
    return _marker(library.marks.get(anchor, 0), anchor, escape(_("Write a note here")), in_tab_order=in_tab_order)


@register.simple_tag(takes_context=True)
def log_lines(context: Context, lines: Iterable[LogLine]) -> SafeString:
    """Each line of a log, with the link to it and the marker of its notes: a log has too many for a template's loop."""
    library, said, link = context.get("library"), escape(_("Write a note here")), _("Link to the line at %(at)s")
    marks = library.marks if library else None
    return mark_safe("".join(_line(line, marks, said, link) for line in lines))  # noqa: S308 - every part is escaped


def _line(line: LogLine, marks: Mapping[str, int] | None, said: str, link: str) -> str:
    anchor, at = escape(line.anchor), escape(line.at)
    note = "" if marks is None else _marker(marks.get(line.anchor, 0), line.anchor, said, in_tab_order=False)
    return (
        f'<li id="{anchor}" data-selectable="{anchor}" class="{escape(line.source)}"><a href="#{anchor}"'
        f' data-select="{anchor}" aria-label="{escape(link % {"at": line.at})}">{at}</a>'
        f"<span>{as_markup(line.text)}{note}</span></li>"
    )


def _marker(count: int, anchor: str, said: str, *, in_tab_order: bool) -> SafeString:
    stop = "" if in_tab_order else ' tabindex="-1"'
    pin = (
        f'<a class="pin" href="?note={escape(anchor)}#new-note" title="{said}"{stop}>'
        f'<span aria-hidden="true">✎</span><span class="sr">{said}</span></a>'
    )
    if count:
        words = ngettext("%(count)d note", "%(count)d notes", count) % {"count": count}
        pin = f'<a class="note-mark" href="#notes">{escape(words)}</a>{pin}'
    return mark_safe(pin)  # noqa: S308 - every part is escaped
