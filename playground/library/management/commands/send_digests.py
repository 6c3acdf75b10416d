"""``manage.py send_digests``: sends the weekly e-mails that are due, as the worker does every few minutes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from playground.library.digests.sending import send_due


class Command(BaseCommand):
    """Send the weekly e-mails that are due."""

    help = "Send the weekly e-mails that are due; a worker does so by itself."

    def handle(self, *_: Any, **__: Any) -> None:
        """Send them, and print how many there were."""
        self.stdout.write(f"{send_due():,} e-mails were sent.")
