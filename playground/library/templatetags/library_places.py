"""Marks a place on a run's page with its number of notes and a link to write one."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.safestring import SafeString, mark_safe

from playground.experiments.templatetags.texts import as_markup
from playground.i18n.marking import N_, _, ngettext
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.template import Context

    from playground.run_page.code import CodeLine, CodeMark
    from playground.run_page.log import LogLine

register = template.Library()

_ROLES: Final = {
    "written": N_("kept here"),
    "read": N_("taken from here"),
    "removed": N_("removed here"),
    "failed": N_("fails here"),
    "declared": N_("declared here"),
}
# A line of the code that has one of these is no proof that somebody's data went through it.
_WITHOUT_TONE: Final = frozenset({"declared", "removed"})


@register.filter
def in_brief(sentence: str) -> str:
    """A verdict's sentence for a list: without backticks, truncated, with hidden characters named."""
    return readable(sentence.replace("`", ""))


@register.filter
def role_words(role: str) -> str:
    """What a marked line of the code does."""
    return _(_ROLES[role])


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


@register.simple_tag(takes_context=True)
def code_lines(context: Context, lines: Iterable[CodeLine]) -> SafeString:
    """Each line of a file as a row, with its marks and the marker of its notes."""
    library, said = context.get("library"), escape(_("Write a note here"))
    notes = library.marks if library else None
    return mark_safe("".join(_code_line(line, notes, said) for line in lines))  # noqa: S308 - every part is escaped


def _code_line(line: CodeLine, notes: Mapping[str, int] | None, said: str) -> str:
    anchor = escape(line.anchor)
    marked = f' class="marked marked-{escape(line.marks[0].role)}"' if line.marks else ""
    note = "" if notes is None else _marker(notes.get(line.anchor, 0), line.anchor, said, in_tab_order=False)
    return (
        f'<tr id="{anchor}" data-selectable="{anchor}"{marked}><td class="ln"><a href="#{anchor}"'
        f' data-select="{anchor}">{line.number}</a></td><td class="src">{as_markup(line.text)}'
        f"{''.join(map(_code_mark, line.marks))}{note}</td></tr>\n"
    )


def _code_mark(mark: CodeMark) -> str:
    anchor, tone = escape(mark.anchor), "" if mark.role in _WITHOUT_TONE else f" tag-{escape(mark.tone)}"
    return f' <a class="tag{tone}" href="#{anchor}" data-select="{anchor}">← {escape(role_words(mark.role))}</a>'


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
