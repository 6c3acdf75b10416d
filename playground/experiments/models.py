"""What is stored: experiments, their revisions and runs.

A revision and a finished run never change: their addresses never change meaning. A new edit is a new revision, a
re-run is a new run. Ids are 128 random bits, url-safe: whoever has an address may read what it names.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.urls import reverse

from playground.experiments import stored_json
from sandbox_runner.results import RunResult
from sandbox_runner.scenario import Scenario

if TYPE_CHECKING:
    from sandbox_runner.events import Event


def new_slug() -> str:
    """An unguessable public name: 22 url-safe characters."""
    return secrets.token_urlsafe(16)


class Status(models.TextChoices):
    """Where a run is. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    PROVING = "proving"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = (Status.RUNNING, Status.PROVING)
FINAL = (Status.FINISHED, Status.FAILED, Status.CANCELLED)


class ImmutableError(Exception):
    """Something that never changes was about to."""


class Experiment(models.Model):
    """A line of revisions. ``browser_key`` is whose it is, empty for what came through the API."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    browser_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.id

    def get_absolute_url(self) -> str:
        """The page of its revisions and runs."""
        return reverse("experiment", args=[self.id])


class Revision(models.Model):
    """One scenario, files included, for good. ``parent`` is what it is an edited copy of."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="revisions")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    number = models.PositiveIntegerField()
    scenario_blob = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """What the database holds to."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "number"], name="revision_number"),
            models.UniqueConstraint(fields=["experiment", "sha256"], name="revision_content"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id} revision {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """:raises ImmutableError: it is stored already."""
        if not self._state.adding:
            raise ImmutableError(f"{self} is stored and never changes")
        super().save(*args, **kwargs)

    @property
    def scenario(self) -> Scenario:
        """The scenario it holds."""
        return Scenario.model_validate(stored_json.unpack(self.scenario_blob))


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, and the ways in which they are asked for."""

    def listed(self) -> Self:
        """For a list: newest first, without what only a run's own page shows."""
        light = self.select_related("revision").defer("result_blob", "events_blob", "revision__scenario_blob")
        return light.order_by("-created_at", "id")


class Run(models.Model):
    """One play of a revision.

    Who works on it is decided by conditional updates alone: ``claimed_by`` is a token of one claim, and whatever is
    written while it works is written where that token still stands. ``verdict`` and ``verdict_sentence`` are copies
    from the result, for lists.
    """

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="runs")
    browser_key = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=120, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    cancel_requested_at = models.DateTimeField(null=True)
    backend = models.CharField(max_length=40, blank=True)
    failure_reference = models.CharField(max_length=16, blank=True)
    failure_sentence = models.TextField(blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    verdict_sentence = models.TextField(blank=True)
    result_blob = models.BinaryField(null=True)
    events_blob = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        """How lists and the sweep find runs."""

        indexes: ClassVar = [
            models.Index(fields=["browser_key", "-created_at"], name="run_browser"),
            models.Index(fields=["status", "heartbeat_at"], name="run_status"),
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"

    def get_absolute_url(self) -> str:
        """Its page: the address that people share."""
        return reverse("run", args=[self.id])

    @property
    def is_final(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.status in FINAL

    @property
    def result(self) -> RunResult | None:
        """What it came to, once it is finished."""
        return None if self.result_blob is None else RunResult.model_validate(self.result_json)

    @property
    def result_json(self) -> dict[str, Any] | None:
        """The result as it was stored, for whoever only passes it on."""
        return None if self.result_blob is None else stored_json.unpack(self.result_blob)

    @property
    def observed_events(self) -> tuple[Event, ...]:
        """What was seen of a run that did not finish."""
        return () if self.events_blob is None else stored_json.unpack_events(self.events_blob)
