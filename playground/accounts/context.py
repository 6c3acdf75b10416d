"""What the account pages show about this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def mail(request: HttpRequest) -> dict[str, bool]:  # noqa: ARG001 - Django's signature
    """Whether forgotten passwords can be reset by e-mail."""
    return {"mail_is_sent": bool(settings.HOLDOVER.email_url)}
