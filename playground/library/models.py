"""Models of the knowledge base: tags, collections, notes, search documents.

Their visibility follows from the experiment they are about: see ``ExperimentQuerySet``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from playground.accounts.roles import MAY_EDIT
from playground.experiments.models import Experiment, Run, Visibility, new_slug

if TYPE_CHECKING:
    from playground.accounts.models import Team
    from playground.experiments.viewer import Viewer


class Tag(models.Model):
    """A word shared by experiments."""

    name = models.SlugField(max_length=40, unique=True, allow_unicode=True)
    experiments = models.ManyToManyField(Experiment, related_name="tags", blank=True)

    def __str__(self) -> str:
        return self.name


class CollectionQuerySet(models.QuerySet["Collection"]):
    """Collections by visibility, with the rules of experiments that have a signed-in owner."""

    def openable_by(self, viewer: Viewer) -> Self:
        """Those that ``viewer`` may open by address."""
        seen = models.Q(visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED])
        return self.filter(seen | _is_theirs(viewer), deleted_at=None)

    def listed_for(self, viewer: Viewer) -> Self:
        """Those that ``viewer`` sees in lists: public ones, their own, their teams'."""
        return self.filter(models.Q(visibility=Visibility.PUBLIC) | _is_theirs(viewer), deleted_at=None)

    def editable_by(self, viewer: Viewer) -> Self:
        """Those that ``viewer`` may change, delete and restore, including deleted ones."""
        return self.filter(_is_owned(viewer) | _in_teams(viewer, [role.value for role in MAY_EDIT]))


def _is_theirs(viewer: Viewer) -> models.Q:
    return _is_owned(viewer) | _in_teams(viewer, None)


def _is_owned(viewer: Viewer) -> models.Q:
    return models.Q(pk__in=[]) if viewer.user_id is None else models.Q(owner_id=viewer.user_id)


def _in_teams(viewer: Viewer, roles: list[str] | None) -> models.Q:
    """Those of the viewer's teams, as for experiments: public ones stay the team's, private ones are the owner's."""
    teams = [team for team, role in viewer.roles if roles is None or role in roles]
    return models.Q(team_id__in=teams) & ~models.Q(visibility=Visibility.PRIVATE)


class Collection(models.Model):
    """An ordered list of experiments with an introduction."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    title = models.CharField(max_length=120)
    introduction = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="collections")
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, blank=True, related_name="collections")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.UNLISTED)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = CollectionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("collection", args=[self.id])


class CollectionItem(models.Model):
    """The position of an experiment in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="collection_items")
    position = models.PositiveIntegerField()
    remark = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        """An experiment is in a collection only once."""

        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["collection", "experiment"], name="collected_once")]

    def __str__(self) -> str:
        return f"{self.collection} {self.position}"


class FeedKey(models.Model):
    """A person's key to the feed of a collection or of a team. Of its secret only the digest is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feed_keys")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, blank=True, related_name="feed_keys")
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, blank=True, related_name="feed_keys")
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One for each collection and team, and of one of the two."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "collection"], name="feed_of_collection_once"),
            models.UniqueConstraint(fields=["user", "team"], name="feed_of_team_once"),
            models.CheckConstraint(
                condition=models.Q(collection=None, team__isnull=False) | models.Q(collection__isnull=False, team=None),
                name="feed_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"feed of {self.subject} for {self.user}"

    @property
    def subject(self) -> Collection | Team:
        """What the feed is of."""
        found = self.collection or self.team
        assert found is not None, "the constraint feed_of_one"
        return found


class Anchor(models.TextChoices):
    """The part of a run that a note is attached to."""

    RUN = "run", _("the run")
    CODE = "code", _("a line of code")
    LOG = "log", _("a line of the log")
    REQUEST = "request", _("a request")
    FINDING = "finding", _("a finding")


class Note(models.Model):
    """A comment on a run. ``place`` is the anchor on the run's page (``code-app-py-9``, ``request-2``).

    A reply is at the place of the note that it answers, which is none itself: there is one level of them.
    ``hidden_at`` is when an editor of the experiment hid it, ``deleted_at`` when its author deleted it.
    """

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="notes")
    anchor = models.CharField(max_length=7, choices=Anchor, default=Anchor.RUN)
    place = models.CharField(max_length=200, blank=True)
    reply_to = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="notes")
    browser_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """In order of creation."""

        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return f"note {self.id} on {self.run_id}"

    def get_absolute_url(self) -> str:
        """Its place on the run's page."""
        return f"{self.run.get_absolute_url()}#note-{self.id}"


class Digest(models.Model):
    """Somebody gets the weekly e-mail: the next at ``due_at``, with what is new since ``covered_until``.

    ``site`` is what its links begin with where the configuration names no origin.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest")
    language = models.CharField(max_length=10)
    site = models.CharField(max_length=300)
    covered_until = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"weekly e-mail to {self.user}"


class SearchDocument(models.Model):
    """The searchable form of an experiment. Newer experiments have greater ids.

    The words are in the database's own full-text index, see :mod:`playground.library.search.index`. ``lines_blob`` has
    the searchable lines, to show as excerpts; ``lines_left_out`` counts those that exceeded the limits, whole or in
    part. ``run`` is the newest finished one, whose verdict lists show.
    """

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="search_document")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, blank=True, related_name="+")
    lines_blob = models.BinaryField()
    lines_left_out = models.PositiveIntegerField(default=0)
    indexed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"search document of {self.experiment_id}"


class FacetKind(models.TextChoices):
    """The properties that search results can be filtered by."""

    RUNTIME = "runtime", _("runtime")
    VERDICT = "verdict", _("verdict")
    CARRIER = "carrier", _("kind of carrier")
    ERROR = "error", _("error type")
    TAG = "tag", _("tag")
    FINGERPRINT = "fingerprint", _("leak shape")


class SearchFacet(models.Model):
    """A document has this value of a facet."""

    document = models.ForeignKey(SearchDocument, models.CASCADE, related_name="facets")
    kind = models.CharField(max_length=11, choices=FacetKind)
    value = models.CharField(max_length=200)

    class Meta:
        """Values are unique per document; the second index finds the newest documents with a value."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "kind", "value"], name="facet_once")]
        indexes: ClassVar = [models.Index(fields=["kind", "value", "-document"], name="facet_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
