"""A page of a team's audit list, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.accounts import audit
from playground.accounts.actions import OF_ROLES, OF_VISIBILITY, Action
from playground.accounts.roles import Role
from playground.experiments.models import Experiment, Visibility
from playground.i18n.marking import N_, Words
from playground.text.display_text import readable

if TYPE_CHECKING:
    from datetime import datetime

    from playground.accounts.models import AuditEntry
    from playground.experiments.viewer import Viewer

ENTRIES_OF_A_PAGE: Final = 50
# No database counts further.
_ID_DIGITS_MAX: Final = 18
_OPEN_TO: Final = Words(
    {
        Visibility.PUBLIC.value: N_("everybody"),
        Visibility.UNLISTED.value: N_("whoever has the address"),
        Visibility.TEAM.value: N_("the team"),
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as shown; ``address`` leads to what it is about, if the reader may open that."""

    at: datetime
    who: str
    what: str
    subject: str
    address: str
    before: str
    after: str
    times: int


@dataclass(frozen=True, slots=True)
class AuditPage:
    """``older`` is what the address of the next page asks for; None at the end."""

    rows: tuple[Row, ...]
    older: int | None
    is_first: bool


def audit_page(team_id: str, before: str, viewer: Viewer) -> AuditPage:
    """The entries before the one of that number; the newest, if it is none."""
    entries = audit.entries_of(team_id)
    asked = int(before) if before.isascii() and before.isdecimal() and len(before) <= _ID_DIGITS_MAX else None
    if asked is not None:
        entries = entries.filter(pk__lt=asked)
    found = list(entries[: ENTRIES_OF_A_PAGE + 1])
    shown = found[:ENTRIES_OF_A_PAGE]
    openable = Experiment.objects.openable_by(viewer).filter(pk__in={one.about for one in shown})
    known = {one.pk: one for one in openable}
    older = shown[-1].pk if len(found) > len(shown) else None
    return AuditPage(tuple(_row(one, known) for one in shown), older, asked is None)


def _row(entry: AuditEntry, known: dict[str, Experiment]) -> Row:
    experiment = known.get(entry.about)
    return Row(
        at=entry.at,
        who=readable(entry.by_name),
        what=str(Action(entry.action).label),
        subject=readable(entry.subject) or entry.about[:8],
        address=experiment.get_absolute_url() if experiment else "",
        before=_value(entry.action, entry.before),
        after=_value(entry.action, entry.after),
        times=entry.times,
    )


def _value(action: str, value: str) -> str:
    if action in OF_ROLES and value in Role.values:
        return str(Role(value).label)
    return _OPEN_TO.get(value, value) if action in OF_VISIBILITY else readable(value)
