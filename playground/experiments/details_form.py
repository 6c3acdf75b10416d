"""The form of an experiment's title, description, tags and visibility; keeps input, with a message per error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext as _

from playground.accounts.models import Team
from playground.experiments.models import Visibility
from playground.text import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.models import Experiment
    from playground.experiments.viewer import Viewer


class Fields(Protocol):
    """The source of a form's fields, such as Django's ``QueryDict``."""

    def get(self, name: str, default: str, /) -> str:
        """The last value of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Details:
    """The validated values."""

    title: str
    description: str
    tags: tuple[str, ...]
    visibility: str
    team_id: str | None


@dataclass(frozen=True, slots=True)
class DetailsForm:
    """What was typed. ``sharing`` is a visibility, or ``team:`` and the team's id."""

    title: str = ""
    description: str = ""
    tags: str = ""
    sharing: str = Visibility.UNLISTED
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sharing:
    """One choice of who may open it."""

    value: str
    label: str
    visibility: str
    team_id: str | None = None


def form_of(experiment: Experiment) -> DetailsForm:
    """The form for stored values."""
    in_team = experiment.visibility == Visibility.TEAM
    return DetailsForm(
        title=experiment.title,
        description=experiment.description,
        tags=", ".join(experiment.tags.order_by("name").values_list("name", flat=True)),
        sharing=f"team:{experiment.team_id}" if in_team else experiment.visibility,
    )


def read_details(fields: Fields) -> DetailsForm:
    """The input as typed; only a browser's line ends are normalised."""
    return DetailsForm(
        title=fields.get("title", ""),
        description=fields.get("description", "").replace("\r\n", "\n"),
        tags=fields.get("tags", ""),
        sharing=fields.get("sharing", ""),
    )


def sharings(experiment: Experiment, viewer: Viewer) -> tuple[Sharing, ...]:
    """The choices for ``viewer``: private only for their own experiments, a team only for its members.

    A team's editor can neither take it out of the team nor give it to another one. What a team shares with others stays
    the team's to edit.
    """
    own = experiment.owner_id == viewer.user_id if experiment.owner_id else experiment.team_id is None
    member_of = [team for team, _role in viewer.roles]
    teams = Team.objects.filter(pk__in=member_of if own else [experiment.team_id], deleted_at=None).order_by("name")
    found = [
        Sharing(Visibility.PUBLIC, _("Public: in the library, for everybody"), Visibility.PUBLIC, experiment.team_id),
        Sharing(Visibility.UNLISTED, _("Unlisted: whoever has the address"), Visibility.UNLISTED, experiment.team_id),
        *(
            Sharing(
                f"team:{team.pk}",
                _("Team %(team)s: its members") % {"team": normalize.one_line(team.name)},
                Visibility.TEAM,
                team.pk,
            )
            for team in teams
        ),
    ]
    if own:
        alone = _("Private: only I") if viewer.user_id else _("Private: only this browser")
        found.append(Sharing(Visibility.PRIVATE, alone, Visibility.PRIVATE))
    return tuple(found)


def details_of(form: DetailsForm, choices: tuple[Sharing, ...]) -> tuple[Details, dict[str, str]]:
    """The values in the form, and a message for each invalid field. Nothing is stored if there are any."""
    title, description = normalize.one_line(form.title), normalize.several_lines(form.description)
    tags = normalize.tag_names(form.tags)
    chosen = next((choice for choice in choices if choice.value == form.sharing), None)
    errors = {
        "title": _too_long(_("The title"), len(title), normalize.TITLE_CHARACTERS_MAX),
        "description": _too_long(_("The description"), len(description), normalize.DESCRIPTION_CHARACTERS_MAX),
        "tags": _tag_problem(tags),
        "sharing": "" if chosen else _("Choose who may open it from the list."),
    }
    shared = chosen or choices[0]
    details = Details(title, description, tags, shared.visibility, shared.team_id)
    return details, {name: sentence for name, sentence in errors.items() if sentence}


def _too_long(what: str, length: int, most: int) -> str:
    if length <= most:
        return ""
    words = {"what": what, "length": f"{length:,}", "most": f"{most:,}"}
    return _("%(what)s has %(length)s characters; it may have %(most)s. Shorten it.") % words


def _tag_problem(tags: tuple[str, ...]) -> str:
    if len(tags) > normalize.TAGS_MAX:
        counts = {"count": len(tags), "most": normalize.TAGS_MAX}
        return _("There are %(count)d tags; there may be %(most)d. Remove some.") % counts
    if bad := next((tag for tag in tags if not normalize.is_tag(tag)), None):
        words = {"tag": bad[:60], "most": normalize.TAG_CHARACTERS_MAX}
        return _("The tag “%(tag)s” is none: letters, digits, - and _, at most %(most)d of them.") % words
    return ""
