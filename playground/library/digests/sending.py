"""Sends the e-mails that are due. Each is claimed before it is sent, so that no two workers send it.

What could not be sent is in the next week's: an e-mail too few is mended by that, one too many by nothing.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone, translation

from playground.infrastructure.site_address import at_the_configured_site
from playground.library.digests.content import news_for, subject_of, text_of
from playground.library.digests.subscriptions import EVERY, address_of, secret_of
from playground.library.models import Digest

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend

_LOG: Final = logging.getLogger(__name__)
AT_ONCE: Final = 50


def on_tidying(**_: Any) -> None:
    """Send those that are due, when a worker tidies up."""
    send_due()


def send_due() -> int:
    """Send those that are due, oldest first and a bounded number; returns how many e-mails were sent."""
    if not settings.HOLDOVER.email_url:
        return 0
    now = timezone.now()
    due = list(Digest.objects.filter(due_at__lte=now).select_related("user").order_by("due_at", "pk")[:AT_ONCE])
    if not due:
        return 0
    # An e-mail server that is away is found before anything is claimed: all of them stay due.
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as error:
        _LOG.warning("The weekly e-mails wait: the e-mail server does not answer (%s).", type(error).__name__)
        return 0
    try:
        return sum(_sent(digest, now, connection) for digest in due)
    finally:
        connection.close()


def _sent(digest: Digest, now: datetime, connection: BaseEmailBackend) -> bool:
    """Whether an e-mail was sent; where nothing is new, none is."""
    weeks = (now - digest.due_at) // EVERY + 1
    following = digest.due_at + weeks * EVERY
    unclaimed = Digest.objects.filter(pk=digest.pk, due_at=digest.due_at)
    if not unclaimed.update(due_at=following, covered_until=now):
        return False
    address = address_of(digest.user)
    if not address or not digest.user.is_active:
        return False
    with translation.override(digest.language):
        message = _message(digest, now, address, connection)
    try:
        return bool(message and message.send())
    except (OSError, SMTPException) as error:
        Digest.objects.filter(pk=digest.pk, due_at=following).update(covered_until=digest.covered_until)
        _LOG.warning("A weekly e-mail could not be sent (%s).", type(error).__name__)
        return False


def _message(digest: Digest, now: datetime, address: str, connection: BaseEmailBackend) -> EmailMessage | None:
    parts = news_for(digest.user, digest.covered_until, now)
    if not parts:
        return None
    site = at_the_configured_site(digest.site).removesuffix("/")
    stop = site + reverse("digest-stop", args=[secret_of(digest)])
    # RFC 8058: whoever reads e-mail ends it with one click, which posts to that address.
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    text = text_of(digest.user, parts, since=digest.covered_until, site=site, stop=stop)
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject_of(parts)}"
    return EmailMessage(subject, text, to=[address], headers=headers, connection=connection)
