"""Rate limits per client and a limit on the queue. Counted in Redis, for all web processes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _

from playground.experiments import selectors
from playground.infrastructure.clients import client_of
from playground.infrastructure.counting import WINDOW_S, count_one, seconds_left
from playground.infrastructure.metrics import TALLY, THROTTLED
from playground.infrastructure.problem_responses import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest

NOTES_PER_MINUTE: Final = 10
REPORTS_PER_MINUTE: Final = 5


def refusal(request: HttpRequest, counted_as: str = "") -> Refusal | None:
    """Count a submission of this client; return why it is refused, or None.

    :param counted_as: what to count by instead of the client's address: a token.
    """
    most = settings.HOLDOVER.queue_max
    if selectors.queue_length() >= most:
        TALLY.count(THROTTLED, "queue")
        sentence = _("%(most)d runs are waiting already, which is as many as may; try again in a minute.")
        return Refusal(sentence % {"most": most}, WINDOW_S)
    allowed = settings.HOLDOVER.submissions_per_minute
    if count_one("submissions", counted_as or client_of(request)) <= allowed:
        return None
    TALLY.count(THROTTLED, "client")
    left_s = seconds_left()
    sentence = _("That were more than %(most)d runs within a minute; try again in %(left)d s.")
    return Refusal(sentence % {"most": allowed, "left": left_s}, left_s)


def note_refusal(request: HttpRequest, counted_as: str = "") -> Refusal | None:
    """Count a note of this client; return why it is refused, or None.

    :param counted_as: what to count by instead of the client's address: a token.
    """
    sentence = _("That were more than %(most)d notes within a minute; try again in %(left)d s.")
    return _refusal_of("notes", counted_as or client_of(request), NOTES_PER_MINUTE, sentence)


def report_refusal(request: HttpRequest) -> Refusal | None:
    """Count a report of this client; return why it is refused, or None."""
    sentence = _("That were more than %(most)d reports within a minute; try again in %(left)d s.")
    return _refusal_of("reports", client_of(request), REPORTS_PER_MINUTE, sentence)


def _refusal_of(what: str, client: str, most: int, sentence: str) -> Refusal | None:
    if count_one(what, client) <= most:
        return None
    TALLY.count(THROTTLED, what)
    left_s = seconds_left()
    return Refusal(sentence % {"most": most, "left": left_s}, left_s)
