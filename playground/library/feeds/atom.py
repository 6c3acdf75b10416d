"""A feed as Atom, by Django's syndication framework. What it says is for display; its links are whole addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from playground.accounts.models import Team
from playground.experiments.models import HEAVY, Experiment
from playground.infrastructure.site_address import site_address
from playground.library.collections.stored import items_of
from playground.text.display_text import readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.http import HttpRequest

    from playground.experiments.viewer import Viewer
    from playground.library.feeds.keys import Subject
    from playground.library.models import Collection

ENTRIES_MAX: Final = 50
_BLOBS: Final = (
    "search_document__lines_blob",
    *(f"search_document__run__{field}" for field in HEAVY if not field.startswith("revision")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An experiment that was put in at ``at``."""

    experiment: Experiment
    at: datetime
    remark: str
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """A feed: of what, for whom, at which addresses."""

    subject: Subject
    viewer: Viewer
    request: HttpRequest

    @property
    def entries(self) -> list[Entry]:
        """The newest experiments that the viewer sees in it, newest first."""
        found = self._of_team(self.subject) if isinstance(self.subject, Team) else self._of_collection(self.subject)
        return sorted(found, key=lambda entry: entry.at, reverse=True)[:ENTRIES_MAX]

    def at(self, path: str) -> str:
        """The whole address of ``path``."""
        return site_address(self.request, path)

    def _of_collection(self, collection: Collection) -> Iterator[Entry]:
        for item in items_of(collection, self.viewer):
            yield Entry(item.experiment, item.added_at, item.remark, self.at(item.experiment.get_absolute_url()))

    def _of_team(self, team: Team) -> Iterator[Entry]:
        shared = Experiment.objects.listed_for(self.viewer).filter(team=team).order_by("-created_at", "pk")
        for one in shared.select_related("owner", "search_document__run").defer(*_BLOBS)[:ENTRIES_MAX]:
            yield Entry(one, one.created_at, "", self.at(one.get_absolute_url()))


class AtomFeed(Feed):  # type: ignore[type-arg]  # its parameters are those of the stubs alone
    """The view of a :class:`Told`, which is its one argument."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *_args: Any, told: Told, **_more: Any) -> Told:
        """What is told, as it is."""
        del request
        return told

    def title(self, told: Told) -> str:
        """The collection's or the team's name."""
        name = told.subject.name if isinstance(told.subject, Team) else told.subject.title
        return f"{readable(name)} · Holdover"

    def subtitle(self, told: Told) -> str:
        """What is in it."""
        if isinstance(told.subject, Team):
            return _("What is shared with the team, newest first")
        return _("What was put into the collection, newest first")

    def link(self, told: Told) -> str:
        """Where it is read on a page."""
        return told.at(told.subject.get_absolute_url())

    def feed_url(self, told: Told) -> str:
        """Its own address."""
        return told.at(told.request.path)

    def items(self, told: Told) -> list[Entry]:
        """Its entries."""
        return told.entries

    def item_title(self, item: Entry) -> str:
        """The experiment's title."""
        return item.experiment.shown_title

    def item_description(self, item: Entry) -> str:
        """Why it is in the collection, and its verdict in a sentence."""
        run = _run_of(item.experiment)
        sentence = run.verdict_sentence.replace("`", "") if run else ""
        return readable(" ".join(said for said in (item.remark, sentence) if said)) or _("It has not been run.")

    def item_link(self, item: Entry) -> str:
        """The experiment's page."""
        return item.address

    def item_pubdate(self, item: Entry) -> datetime:
        """When it was put in."""
        return item.at

    def item_updateddate(self, item: Entry) -> datetime:
        """When it was put in, or its newest run ended."""
        run = _run_of(item.experiment)
        return max(item.at, run.finished_at) if run and run.finished_at else item.at

    def item_author_name(self, item: Entry) -> str | None:
        """Who made it."""
        return item.experiment.owner.username if item.experiment.owner else None

    def item_categories(self, item: Entry) -> tuple[str, ...]:
        """Its verdict."""
        run = _run_of(item.experiment)
        return (run.verdict,) if run and run.verdict else ()


def _run_of(experiment: Experiment) -> Any:
    """The newest finished run, if there is one."""
    document = getattr(experiment, "search_document", None)
    return document.run if document else None
