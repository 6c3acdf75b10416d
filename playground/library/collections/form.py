"""The form of a collection; keeps input, with a message per error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from playground.accounts.models import Team
from playground.accounts.roles import MAY_EDIT
from playground.experiments.models import Visibility
from playground.text import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from playground.experiments.viewer import Viewer
    from playground.library.models import Collection

REMARK_CHARACTERS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class CollectionForm:
    """What was typed. ``sharing`` is a visibility, or ``team:`` and the team's id."""

    title: str = ""
    introduction: str = ""
    sharing: str = Visibility.UNLISTED
    errors: Mapping[str, str] = field(default_factory=dict)


def form_of(collection: Collection) -> CollectionForm:
    """The form for stored values."""
    in_team = collection.visibility == Visibility.TEAM
    sharing = f"team:{collection.team_id}" if in_team else collection.visibility
    return CollectionForm(collection.title, collection.introduction, sharing)


def sharings(viewer: Viewer) -> list[tuple[str, str]]:
    """The choices of who may see it for ``viewer``: (value, label)."""
    editing = [team for team, role in viewer.roles if role in MAY_EDIT]
    teams = Team.objects.filter(pk__in=editing).order_by("name")
    return [
        (Visibility.PUBLIC, _("Public: in the library, for everybody")),
        (Visibility.UNLISTED, _("Unlisted: whoever has the address")),
        *(
            (f"team:{team.pk}", _("Team %(team)s: its members") % {"team": normalize.one_line(team.name)})
            for team in teams
        ),
        (Visibility.PRIVATE, _("Private: only I")),
    ]


def read_form(posted: QueryDict, choices: Sequence[tuple[str, str]]) -> tuple[CollectionForm, dict[str, str | None]]:
    """The typed values, with a message for each invalid field, and the fields to store."""
    sharing = posted.get("sharing", "")
    title = normalize.one_line(posted.get("title", ""))
    introduction = normalize.several_lines(posted.get("introduction", ""))
    errors = {
        "title": _title_problem(title),
        "introduction": _too_long(_("The introduction"), introduction, normalize.DESCRIPTION_CHARACTERS_MAX),
        "sharing": "" if sharing in dict(choices) else _("Choose who may see it from the list."),
    }
    form = CollectionForm(
        posted.get("title", ""), introduction, sharing, {name: said for name, said in errors.items() if said}
    )
    visibility, _colon, team = sharing.partition(":")
    fields = {"title": title, "introduction": introduction, "visibility": visibility, "team_id": team or None}
    return form, fields


def _title_problem(title: str) -> str:
    if not title:
        return _("The title is missing; say what the experiments have in common.")
    return _too_long(_("The title"), title, normalize.TITLE_CHARACTERS_MAX)


def _too_long(what: str, text: str, most: int) -> str:
    if len(text) <= most:
        return ""
    words = {"what": what, "length": f"{len(text):,}", "most": f"{most:,}"}
    return _("%(what)s has %(length)s characters; it may have %(most)s. Shorten it.") % words
