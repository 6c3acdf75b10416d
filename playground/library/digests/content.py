"""What is new for a person between two moments, as the text of an e-mail. Nothing that they may not see is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playground.experiments.models import HEAVY, Experiment, Visibility
from playground.experiments.viewer import viewer_for
from playground.library.collections.stored import visible_items
from playground.library.notes.stored import on_what_is_theirs
from playground.text import normalize
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from playground.accounts.models import User
    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer

SHOWN_MAX: Final = 20
NOTE_CHARACTERS_MAX: Final = 200
_BLOBS: Final = (
    "search_document__lines_blob",
    *(f"search_document__run__{field}" for field in HEAVY if not field.startswith("revision")),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of news: ``rows`` of what it is and the path to it, of ``count`` in all."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    count: int


def news_for(user: User, since: datetime, until: datetime) -> tuple[Part, ...]:
    """What is new for them in the language that is spoken now; nothing where nothing is."""
    viewer = viewer_for(user)
    parts = (
        _part(_("Notes on your runs, and replies to you"), _notes(viewer, since, until)),
        _part(_("Shared with your teams"), _shared(viewer, user, since, until)),
        _part(_("Put into your teams' collections"), _collected(viewer, since, until)),
    )
    return tuple(part for part in parts if part.count)


def text_of(user: User, parts: tuple[Part, ...], *, since: datetime, site: str, stop: str) -> str:
    """The e-mail's text."""
    words = {"name": user.username, "since": f"{since:%Y-%m-%d}"}
    lines = [_("Hello %(name)s, this is new on Holdover since %(since)s.") % words, ""]
    for part in parts:
        lines += [f"{part.heading} ({part.count})", ""]
        for said, path in part.rows:
            lines += [f"- {said}", f"  {site}{path}"]
        if left := part.count - len(part.rows):
            lines.append(ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left})
        lines.append("")
    return "\n".join([*lines, _("To stop these e-mails:"), stop, ""])


def subject_of(parts: tuple[Part, ...]) -> str:
    """The e-mail's subject."""
    count = sum(part.count for part in parts)
    return ngettext("%(n)d thing is new on Holdover", "%(n)d things are new on Holdover", count) % {"n": count}


def _part(heading: str, found: tuple[int, Iterator[tuple[str, str]]]) -> Part:
    count, rows = found
    return Part(heading, tuple(rows), count)


def _notes(viewer: Viewer, since: datetime, until: datetime) -> tuple[int, Iterator[tuple[str, str]]]:
    found = on_what_is_theirs(viewer).filter(created_at__gt=since, created_at__lte=until)

    def rows() -> Iterator[tuple[str, str]]:
        for note in found[:SHOWN_MAX]:
            who = note.author.username if note.author else _("anonymous")
            text = readable(normalize.one_line(note.text)[:NOTE_CHARACTERS_MAX])
            title = note.run.revision.experiment.shown_title
            yield (
                _("%(who)s on %(title)s: %(text)s") % {"who": who, "title": title, "text": text},
                _path(note.run, note.pk),
            )

    return found.count(), rows()


def _path(run: Run, note_id: str) -> str:
    return f"{run.get_absolute_url()}#note-{note_id}"


def _shared(viewer: Viewer, user: User, since: datetime, until: datetime) -> tuple[int, Iterator[tuple[str, str]]]:
    shared = Experiment.objects.listed_for(viewer).filter(team__in=_teams(viewer)).exclude(owner=user)
    found = shared.filter(created_at__gt=since, created_at__lte=until).order_by("-created_at", "pk")
    return found.count(), (_told(one) for one in _light(found))


def _collected(viewer: Viewer, since: datetime, until: datetime) -> tuple[int, Iterator[tuple[str, str]]]:
    of_teams = visible_items(viewer).filter(
        collection__team__in=_teams(viewer), collection__deleted_at=None, added_at__gt=since, added_at__lte=until
    )
    found = of_teams.exclude(collection__visibility=Visibility.PRIVATE).order_by("-added_at", "pk")

    def rows() -> Iterator[tuple[str, str]]:
        for item in found.select_related("collection", "experiment")[:SHOWN_MAX]:
            names = {"title": item.experiment.shown_title, "collection": readable(item.collection.title)}
            address = reverse("experiment", args=[item.experiment_id])
            yield _("%(title)s, in %(collection)s") % names, f"{address}?in={item.collection_id}"

    return found.count(), rows()


def _teams(viewer: Viewer) -> list[str]:
    return [team for team, _role in viewer.roles]


def _light(found: QuerySet[Experiment]) -> QuerySet[Experiment]:
    return found.select_related("search_document__run").defer(*_BLOBS)[:SHOWN_MAX]


def _told(experiment: Experiment) -> tuple[str, str]:
    document = getattr(experiment, "search_document", None)
    verdict = document.run.verdict if document and document.run else ""
    return experiment.shown_title + (f" ({verdict})" if verdict else ""), experiment.get_absolute_url()
