"""A proof of a finished run that goes on, as it is stored."""

from __future__ import annotations

from django.db import models


class LongerProof(models.Model):
    """The proof of ``original`` goes on in ``run``, within ``seconds`` and ``replays``.

    ``run`` is claimed, watched and recovered as any other, and is in no list. Once it is finished, its result is that
    of ``original``, whose answers it has.
    """

    original = models.ForeignKey("experiments.Run", models.CASCADE, related_name="longer_proofs")
    run = models.OneToOneField("experiments.Run", models.CASCADE, related_name="proves_further")
    seconds = models.PositiveIntegerField()
    replays = models.PositiveIntegerField()

    class Meta:
        """Where it belongs."""

        app_label = "experiments"

    def __str__(self) -> str:
        return f"{self.original_id} further as {self.run_id}"
