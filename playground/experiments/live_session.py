"""A live session, as it is stored."""

from __future__ import annotations

import secrets

from django.db import models


def new_address() -> str:
    """What the address of a session ends in: 192 random bits. Whoever has it may send requests."""
    return secrets.token_urlsafe(24)


class LiveSession(models.Model):
    """``run`` takes its requests from outside, at ``address``, and not from the steps of its revision.

    ``run`` is claimed and watched as any other, and never started a second time. ``client`` is a digest of whom the
    session is counted by.
    """

    run = models.OneToOneField("experiments.Run", models.CASCADE, related_name="live_session")
    address = models.CharField(max_length=43, unique=True, default=new_address)
    client = models.CharField(max_length=64)

    class Meta:
        """Where it belongs."""

        app_label = "experiments"

    def __str__(self) -> str:
        return f"session of {self.run_id}"
