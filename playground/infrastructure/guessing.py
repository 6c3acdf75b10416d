"""The brake on guessing at doors whose secret stands in an address or a header.

These are invitations, links that hand an experiment over, tokens of the API and that of the metrics. All of them are
random and long; the brake is for what somebody may make of a short one, and for the work that guessing makes.
Passwords have the limits of allauth, see the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.infrastructure.clients import client_of
from playground.infrastructure.counting import count_one, counted

if TYPE_CHECKING:
    from django.http import HttpRequest

WRONG_PER_MINUTE: Final = 60
_WHAT: Final = "wrong-secrets"


def note_wrong(request: HttpRequest) -> None:
    """Count a secret that was none."""
    count_one(_WHAT, client_of(request))


def is_guessing(request: HttpRequest) -> bool:
    """Whether this client sent so many wrong secrets within a minute that not even a right one is taken."""
    return counted(_WHAT, client_of(request)) >= WRONG_PER_MINUTE
