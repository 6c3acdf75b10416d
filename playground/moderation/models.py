"""Reports from visitors to an installation's staff."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportReason(models.TextChoices):
    """What is wrong with a page."""

    SECRET = "secret", _("it shows a password, a key or personal data")
    ILLEGAL = "illegal", _("it is against the law")
    ABUSE = "abuse", _("it attacks or insults somebody, or misuses this site")
    OTHER = "other", _("something else")


class Report(models.Model):
    """One visitor's report of one experiment. The sender is not stored."""

    experiment = models.ForeignKey("experiments.Experiment", models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=8, choices=ReportReason)
    words = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        """Unread ones come first."""

        ordering: ClassVar = [models.F("handled_at").asc(nulls_first=True), "-created_at"]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.experiment_id}"
