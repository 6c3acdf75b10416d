"""What is stored of the knowledge base: tags, collections of experiments, and notes.

Whether somebody may see any of it follows from the experiment it is about: see ``ExperimentQuerySet``.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from playground.experiments.models import Experiment, Run, Visibility, new_slug


class Tag(models.Model):
    """A word that experiments have in common."""

    name = models.SlugField(max_length=40, unique=True, allow_unicode=True)
    experiments = models.ManyToManyField(Experiment, related_name="tags", blank=True)

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """Experiments in an order, with an introduction."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    title = models.CharField(max_length=120)
    introduction = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="collections")
    team = models.ForeignKey("accounts.Team", models.CASCADE, null=True, blank=True, related_name="collections")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.UNLISTED)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("collection", args=[self.id])


class CollectionItem(models.Model):
    """The place of one experiment in one collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="collection_items")
    position = models.PositiveIntegerField()
    remark = models.CharField(max_length=300, blank=True)

    class Meta:
        """An experiment stands in a collection once."""

        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["collection", "experiment"], name="collected_once")]

    def __str__(self) -> str:
        return f"{self.collection} {self.position}"


class Anchor(models.TextChoices):
    """What of a run a note is pinned to."""

    RUN = "run", _("the run")
    CODE = "code", _("a line of code")
    LOG = "log", _("a line of the log")
    REQUEST = "request", _("a request")
    FINDING = "finding", _("a finding")


class Note(models.Model):
    """What somebody has to say of a run. ``place`` is the anchor on the run's page (``L-app.py-9``, ``request-2``)."""

    id = models.CharField(primary_key=True, max_length=22, default=new_slug, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="notes")
    anchor = models.CharField(max_length=7, choices=Anchor, default=Anchor.RUN)
    place = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="notes")
    browser_key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """In the order in which they were written."""

        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return f"note {self.id} on {self.run_id}"

    def get_absolute_url(self) -> str:
        """Where it stands on the run's page."""
        return f"{self.run.get_absolute_url()}#note-{self.id}"
