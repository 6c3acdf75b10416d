"""Passwords that are guessed first at this site: its own words, however they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from playground.accounts.models import User

WORDS: Final = frozenset({"holdover", "playground", "lambda", "aws", "handler", "leak", "admin", "password", "welcome"})
_LOOKS_LIKE: Final = str.maketrans("0134578@$", "oleastbas")


class NotOfThisSite:
    """A validator of Django's kind: no password is made of :data:`WORDS` and of the site's hosts alone.

    Digits that stand for letters, and what is neither letter nor digit, make no other word of one.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """:raises ValidationError: it is made of them."""
        del user
        words = "|".join(sorted(map(re.escape, WORDS | _hosts()), key=len, reverse=True))
        for text in (password.lower(), password.lower().translate(_LOOKS_LIKE)):
            if re.fullmatch(rf"(?:{words})+", re.sub(r"[\W\d_]", "", text)):
                raise ValidationError(self.get_help_text(), code="password_of_this_site")

    def get_help_text(self) -> str:
        """What is said of it beside the field."""
        return _("Your password cannot be made of words of this site alone.")


def _hosts() -> set[str]:
    """The words of the names that this site is called by."""
    return {word for host in settings.ALLOWED_HOSTS for word in re.findall(r"[a-z]{4,}", host.lower())}
