"""Models of experiments, revisions and runs.

Revisions and finished runs are immutable, so addresses never change meaning. An edit is a new revision, a re-run a new
run. Ids are 128 random bits, url-safe: whoever has an address may read what it names.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from playground.accounts.roles import MAY_EDIT
from playground.experiments import stored_json, stored_messages
from playground.experiments.live_session import LiveSession  # noqa: F401 - the same as below
from playground.experiments.longer_proof import LongerProof  # noqa: F401 - Django looks for models in this module
from playground.experiments.page_part.stored import PageResult  # noqa: F401 - the same
from playground.text import display_text
from sandbox_runner.results.model import RunResult
from sandbox_runner.scenario.field_types import KEPT
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer
    from sandbox_runner.events.records import Event


def new_slug() -> str:
    """An unguessable public name: 22 url-safe characters."""
    return secrets.token_urlsafe(16)


class Status(models.TextChoices):
    """A run's status. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PROVING = "proving"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = (Status.RUNNING, Status.PROVING)
# How many times a run is started before an interruption ends it.
ATTEMPTS_MAX: Final = 2
FINAL = (Status.FINISHED, Status.FAILED, Status.CANCELLED)
# Of a run, what only its own page shows.
HEAVY: Final = ("result_blob", "events_blob", "revision__scenario_blob")


class ImmutableError(Exception):
    """An attempt to change something immutable."""


class Visibility(models.TextChoices):
    """Who may open an experiment and its runs."""

    PUBLIC = "public", _("public: in the library")
    UNLISTED = "unlisted", _("unlisted: whoever has the address")
    TEAM = "team", _("team: its members")
    PRIVATE = "private", _("private: only I")


class TakedownReason(models.TextChoices):
    """Why staff hides something."""

    RULES = "rules", _("it broke the rules of this site")
    LAW = "law", _("the law demanded it")


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    """Who may see which experiments. All access checks of the pages and the API are here.

    A run, a revision and a note are as visible as their experiment.
    """

    def present(self) -> Self:
        """Neither deleted nor taken down."""
        return self.filter(deleted_at=None, taken_down_at=None)

    def openable_by(self, viewer: Viewer) -> Self:
        """Those that ``viewer`` may open by address."""
        return self.present().filter(
            models.Q(visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED]) | _is_theirs(viewer)
        )

    def listed_for(self, viewer: Viewer) -> Self:
        """Those that ``viewer`` sees in lists and search: public ones, their own, their teams'."""
        return self.present().filter(models.Q(visibility=Visibility.PUBLIC) | _is_theirs(viewer))

    def editable_by(self, viewer: Viewer) -> Self:
        """Those ``viewer`` may rename, publish, delete and restore, including deleted ones until they are purged."""
        theirs = _made_by(viewer) | _in_teams(viewer, [role.value for role in MAY_EDIT])
        return self.filter(theirs, purged_at=None, taken_down_at=None)

    def remembered_for(self, viewer: Viewer) -> Self:
        """Deleted and taken-down ones that ``viewer`` may know about, because they could open them before."""
        return self.exclude(deleted_at=None, taken_down_at=None).filter(
            models.Q(visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED]) | _is_theirs(viewer)
        )

    def claimable_by(self, viewer: Viewer) -> Self:
        """Those that the viewer's browser created before a person signed in there."""
        if not viewer.browser_key:
            return self.none()
        return self.present().filter(owner=None, browser_key=viewer.browser_key)


def _is_theirs(viewer: Viewer) -> models.Q:
    return _made_by(viewer) | _in_teams(viewer, None)


def _made_by(viewer: Viewer) -> models.Q:
    """Created by the viewer, or by the viewer's browser if no person has claimed them."""
    made = models.Q(pk__in=[])
    if viewer.user_id is not None:
        made |= models.Q(owner_id=viewer.user_id)
    if viewer.browser_key:
        made |= models.Q(owner=None, browser_key=viewer.browser_key)
    return made


def _in_teams(viewer: Viewer, roles: list[str] | None) -> models.Q:
    """Those of the viewer's teams, with one of ``roles`` there, or any role if ``None``.

    What a team made public stays the team's; what is private is one person's, whatever team it was in before.
    """
    teams = [team for team, role in viewer.roles if roles is None or role in roles]
    return models.Q(team_id__in=teams) & ~models.Q(visibility=Visibility.PRIVATE)


class Experiment(models.Model):
    """A line of revisions with a title and a description.

    ``browser_key`` is the browser it belongs to until a person claims it, empty if created through the API without a
    token. ``forked_from`` is the revision of another experiment that its first one was copied from. A deleted one can
    be restored until it is purged; then only the fact that it existed is left. ``pruned_at`` is set if it was removed
    for lack of visitors. What is taken down is hidden by staff, who can restore it.
    """

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    title = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.UNLISTED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="experiments"
    )
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, blank=True, related_name="experiments")
    browser_key = models.CharField(max_length=64, blank=True)
    forked_from = models.ForeignKey("Revision", models.SET_NULL, null=True, blank=True, related_name="forks")
    created_at = models.DateTimeField(auto_now_add=True)
    visited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)
    pruned_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_for = models.CharField(max_length=8, choices=TakedownReason, blank=True)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        """Indexes for lists and retention."""

        indexes: ClassVar = [
            models.Index(fields=["visibility", "-created_at"], name="experiment_listed"),
            models.Index(fields=["visited_at"], name="experiment_visited"),
            models.Index(
                fields=["deleted_at"],
                name="experiment_to_purge",
                condition=models.Q(deleted_at__isnull=False, purged_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.id

    def get_absolute_url(self) -> str:
        """The page of its revisions and runs."""
        return reverse("experiment", args=[self.id])

    @property
    def shown_title(self) -> str:
        """Its title for display; nothing in it hides or reorders the text beside it."""
        return display_text.readable(self.title) or gettext("Experiment %(id)s") % {"id": self.id[:8]}

    @property
    def opens_to_anybody(self) -> bool:
        """Whether anyone with its address may open it; other sites are told only about these."""
        return self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED) and self.deleted_at is None


class Revision(models.Model):
    """One immutable scenario, files included. ``parent`` is what it is an edited copy of."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="revisions")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    number = models.PositiveIntegerField()
    scenario_blob = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Database constraints."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "number"], name="revision_number"),
            models.UniqueConstraint(fields=["experiment", "sha256"], name="revision_content"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id} revision {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """:raises ImmutableError: it is already stored."""
        if not self._state.adding:
            raise ImmutableError(f"{self} is stored and never changes")
        super().save(*args, **kwargs)

    @property
    def scenario(self) -> Scenario:
        """The scenario it holds."""
        return Scenario.model_validate(stored_json.unpack(self.scenario_blob), context=KEPT)


class RevisionSummary(models.Model):
    """What an experiment's page says of a revision, found out once; :mod:`revision_summaries` reads and writes it."""

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="summary")
    blob = models.BinaryField()

    def __str__(self) -> str:
        return f"summary of {self.revision_id}"


class DependencyLock(models.Model):
    """The packages of one function of a revision, found out by its first run and the same ever since.

    ``function`` is the function's name in the scenario, ``text`` the lock as its file would have it.
    """

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="locks")
    function = models.CharField(max_length=64)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Database constraints."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "function"], name="dependency_lock_of_function")
        ]

    def __str__(self) -> str:
        return f"{self.function} of {self.revision_id}"


class RunQuerySet(models.QuerySet["Run"]):
    """Queries for runs."""

    def openable_by(self, viewer: Viewer) -> Self:
        """Those whose experiment ``viewer`` may open."""
        # Checked per run through its experiment: a list of everything that may be opened is long.
        experiment = Experiment.objects.openable_by(viewer).filter(pk=models.OuterRef("revision__experiment_id"))
        return self.filter(models.Exists(experiment))

    def started_by(self, viewer: Viewer) -> Self:
        """Those started by this person, or by this browser without a person."""
        return self.filter(_made_by(viewer))

    def listed(self) -> Self:
        """For a list: newest first, without what only a run's own page shows.

        What only looks into another run (re-verifications, longer proofs) is shown on that run's page, and in no list.
        """
        light = self.filter(reverifies=None, proves_further=None).select_related("revision").defer(*HEAVY)
        return light.order_by("-created_at", "id")


class Run(models.Model):
    """One play of a revision.

    ``owner`` is who started it, ``browser_key`` the browser. Only conditional updates decide who works on it:
    ``claimed_by`` is the token of a claim, and a worker's writes apply only while that token is still set. ``verdict``
    and ``verdict_messages`` are copied from the result for lists; ``failure_messages`` say why there is none.
    ``longer_messages`` say what a longer proof would add, and are empty for a run from before they were stored. All
    three are JSON texts.
    """

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="runs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="runs")
    browser_key = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    cancel_requested_at = models.DateTimeField(null=True)
    proof_stop_requested_at = models.DateTimeField(null=True)
    backend = models.CharField(max_length=40, blank=True)
    failure_reference = models.CharField(max_length=16, blank=True)
    failure_messages = models.TextField(blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    verdict_messages = models.TextField(blank=True)
    longer_messages = models.TextField(blank=True)
    result_blob = models.BinaryField(null=True)
    events_blob = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        """Indexes for lists and the sweep."""

        indexes: ClassVar = [
            models.Index(fields=["browser_key", "-created_at"], name="run_browser"),
            models.Index(fields=["status", "heartbeat_at"], name="run_status"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"

    def get_absolute_url(self) -> str:
        """The address of its page, which people share."""
        return reverse("run", args=[self.id])

    @property
    def verdict_sentence(self) -> str:
        """The verdict in the page's language; empty before there is one."""
        return stored_messages.rendered(self.verdict_messages)

    @property
    def failure_sentence(self) -> str:
        """Why it failed, in the page's language; empty where it did not."""
        return stored_messages.rendered(self.failure_messages)

    @property
    def was_not_played(self) -> bool:
        """Whether it failed before anything of it ran, for want of what it needs; its sentence says of what."""
        return stored_messages.is_of_want(self.failure_messages)

    @property
    def shown_sentence(self) -> str:
        """The verdict's sentence as plain text for a page; empty before there is one."""
        return display_text.readable(self.verdict_sentence.replace("`", ""))

    @property
    def is_final(self) -> bool:
        """Whether it can no longer change."""
        return self.status in FINAL

    @property
    def result(self) -> RunResult | None:
        """The result, once it is finished."""
        return None if self.result_blob is None else RunResult.read(self.result_json or {})

    @property
    def result_json(self) -> dict[str, Any] | None:
        """The result as stored, in its version."""
        return None if self.result_blob is None else stored_json.unpack(self.result_blob)

    @property
    def observed_events(self) -> tuple[Event, ...]:
        """The events of a run that did not finish."""
        return () if self.events_blob is None else stored_json.unpack_events(self.events_blob)


class Reverification(models.Model):
    """``original`` was played and proven again as ``run``, another run of the same revision.

    Nothing else is stored: its outcome, date and image are those of the run, and ``original`` does not change. So
    claiming, monitoring and recovery work as for any other run.
    """

    original = models.ForeignKey(Run, models.CASCADE, related_name="reverifications")
    run = models.OneToOneField(Run, models.CASCADE, related_name="reverifies")

    def __str__(self) -> str:
        return f"{self.original_id} again as {self.run_id}"


class Pulse(models.Model):
    """One row, written to check whether the database accepts writes."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
