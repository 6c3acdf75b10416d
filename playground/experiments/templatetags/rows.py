"""Rows of tables as markup: a page has thousands, and a template's own loop takes most of the time they cost."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from django import template
from django.utils.safestring import SafeString, mark_safe

from playground.experiments.templatetags.texts import as_markup
from playground.i18n.marking import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.run_page.presenter import EnvironmentRow
    from playground.run_page.state_table import Cell, Column, StateTableRow
    from playground.run_page.timeline.timeline import PhaseRow
    from playground.text.diffs import DiffLine

_CHANGES: Final = {"added": N_("added"), "removed": N_("removed")}

register = template.Library()


@register.filter
def diff_rows(lines: Iterable[DiffLine]) -> SafeString:
    """Each line of a difference, with its numbers and what happened to it, told for those who do not see the sign."""
    said = {kind: f'<span class="sr">{escape(_(word))}</span>' for kind, word in _CHANGES.items()}
    return mark_safe("".join(_diff_row(line, said.get(line.kind, "")) for line in lines))  # noqa: S308 - all escaped


def _diff_row(line: DiffLine, said: str) -> str:
    before, after = ("" if number is None else str(number) for number in (line.before, line.after))
    return (
        f'<tr class="diff-{line.kind}"><td class="ln">{before}</td><td class="ln">{after}</td>'
        f'<td class="sign"><span aria-hidden="true">{line.sign}</span>{said}</td>'
        f'<td class="src">{as_markup(line.text)}</td></tr>\n'
    )


@register.filter
def state_rows(rows: Iterable[StateTableRow]) -> SafeString:
    """Each place of the state with what it held at each moment."""
    changed = f'<br><small class="change">{escape(_("changed"))}</small>'
    return mark_safe("".join(_state_row(row, changed) for row in rows))  # noqa: S308 - every part is escaped


def _state_row(row: StateTableRow, changed: str) -> str:
    foreign = ' class="foreign-row"' if row.foreign else ""
    path = _selecting(row.anchor, as_markup(row.path))
    cells = "".join(_cell(cell, changed) for cell in row.cells)
    return f'<tr{foreign}><th scope="row" class="mono">{path}<br><small>{escape(row.root)}</small></th>{cells}</tr>\n'


def _cell(cell: Cell, changed: str) -> str:
    anchor = escape(cell.anchor)
    classes = f"mono{' changed' if cell.changed else ''}{' foreign' if cell.foreign else ''}"
    held = '<span class="soft">&ndash;</span>'
    if not cell.absent:
        held = f"{as_markup(cell.value)} <small>{escape(cell.kind)}</small>"
    return (
        f'<td id="{anchor}" data-selectable="{anchor}" class="{classes}">'
        f'<a class="cell" href="#{anchor}" data-select="{anchor}">{held}</a>'
        f"{changed if cell.changed else ''}{_whose(cell.foreign) if cell.foreign else ''}</td>"
    )


@register.filter
def state_columns(columns: Iterable[Column]) -> SafeString:
    """The heads of the moments at which the state was captured."""
    cut = f" <small>{escape(_('(cut)'))}</small>"
    return mark_safe("".join(_column(one, cut) for one in columns))  # noqa: S308 - every part is escaped


def _column(column: Column, cut: str) -> str:
    return f"<th>{_selecting(column.anchor, escape(column.label))}{cut if column.truncated else ''}</th>"


def _selecting(anchor: str, markup: str) -> str:
    """The markup, which selects that place of the page where it names one."""
    anchor = escape(anchor)
    return f'<a href="#{anchor}" data-select="{anchor}">{markup}</a>' if anchor else markup


@register.filter
def phase_rows(rows: Iterable[PhaseRow]) -> SafeString:
    """Every phase of every environment."""
    return mark_safe("".join(map(_phase_row, rows)))  # noqa: S308 - every part is escaped


def _phase_row(row: PhaseRow) -> str:
    return (
        f"<tr><td>{escape(row.environment)}</td><td>{escape(row.phase)}</td>"
        f"<td>{_selecting(row.anchor, escape(row.request)) if row.anchor else ''}</td>"
        f'<td class="n">{escape(row.starts)}</td><td class="n">{escape(row.length)}</td></tr>'
    )


@register.filter
def environment_rows(rows: Iterable[EnvironmentRow]) -> SafeString:
    """The figures of every environment."""
    return mark_safe("".join(map(_environment_row, rows)))  # noqa: S308 - every part is escaped


def _environment_row(row: EnvironmentRow) -> str:
    anchor = escape(row.anchor)
    words = "".join(f"<td>{escape(one)}</td>" for one in (row.id, row.initialization, row.created_by, row.ended_by))
    figures = (row.lived, row.frozen, str(row.requests), str(row.resets))
    numbers = "".join(f'<td class="n">{escape(one)}</td>' for one in figures)
    return (
        f'<tr id="{anchor}" data-selectable="{anchor}">{words}{numbers}'
        f'<td class="mono">{escape(row.log_stream)}</td></tr>'
    )


def _whose(foreign: str) -> str:
    said = escape(_("data of %(foreign)s") % {"foreign": foreign})
    return f'<br><small class="whose"><span aria-hidden="true">▲</span> {said}</small>'
