"""What a row of the table of requests says in words. Pure.

A page has over a hundred rows, and a template takes ten times as long to put a figure into a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import N_, _, ngettext

if TYPE_CHECKING:
    from playground.run_page.requests import RequestRow


@dataclass(frozen=True, slots=True)
class RowWords:
    """``unfolds`` names everything that the row has below it; ``log_cut`` is empty where no line is left out."""

    attempt: str
    unfolds: str
    answer: str
    log_cut: str
    environment: str


def row_words(row: RequestRow) -> RowWords:
    """The sentences of that row, in the page's language."""
    return RowWords(
        attempt=_("attempt %(attempt)s") % {"attempt": row.attempt} if row.attempt > 1 else "",
        unfolds=_("Payload, answer, log of request %(index)s") % {"index": row.index} + _more(row),
        answer=_("Answer, status %(status_code)s") % {"status_code": row.status_code},
        log_cut=_log_cut(row.log_left_out),
        environment=_("Environment %(environment)s · RequestId") % {"environment": row.environment},
    )


def _more(row: RequestRow) -> str:
    """What not every row has below it."""
    again = _(", attempt %(attempt)s") % {"attempt": row.attempt} if row.attempt > 1 else ""
    more = (
        (row.records, N_(", destination")),
        (row.hidden, N_(", hidden init")),
        (row.late, N_(", late work")),
        (row.calls.rows, N_(", calls to AWS")),
        (row.changes.rows, N_(", changes in the account")),
        (row.cuts, N_(", and what was cut")),
    )
    return again + "".join(_(words) for there, words in more if there)


def _log_cut(lines: int) -> str:
    if not lines:
        return ""
    sentence = ngettext(
        "%(number)s more line is left out here; the downloaded JSON has it.",
        "%(number)s more lines are left out here; the downloaded JSON has them.",
        lines,
    )
    return sentence % {"number": f"{lines:,}"}
