"""The brake on guessing at doors whose secret stands in an address or a header.

These are invitations, links that hand an experiment over, keys of feeds, links that end the weekly e-mail, tokens of
the API and that of the metrics, and addresses of runs that are embedded. All of them are random and long; the brake is
for what somebody may make of a short one, and for the work that guessing makes.
Passwords have the limits of allauth, see the settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.infrastructure.clients import client_of
from playground.infrastructure.counting import count_one, counted

if TYPE_CHECKING:
    from django.http import HttpRequest

WRONG_PER_MINUTE: Final = 60
SECRETS: Final = "wrong-secrets"
# Apart: a page of another site may show dozens of embeds that are gone, and its reader is guessing at nothing.
EMBEDS: Final = "wrong-embeds"


def note_wrong(request: HttpRequest, what: str = SECRETS) -> None:
    """Count a secret that was none."""
    count_one(what, client_of(request))


def is_guessing(request: HttpRequest, what: str = SECRETS) -> bool:
    """Whether this client sent so many wrong secrets within a minute that not even a right one is taken."""
    return counted(what, client_of(request)) >= WRONG_PER_MINUTE
