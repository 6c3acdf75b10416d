"""The part of a large result that pages show, as it is stored."""

from __future__ import annotations

from django.db import models


class PageResult(models.Model):
    """Made when the run ended, and again when a longer proof changed its result.

    :mod:`playground.experiments.page_parts` reads and writes it.
    """

    run = models.OneToOneField("experiments.Run", models.CASCADE, related_name="page_result")
    blob = models.BinaryField()

    class Meta:
        """Where it belongs."""

        app_label = "experiments"

    def __str__(self) -> str:
        return f"what pages show of {self.run_id}"
