"""This product's rules for passkeys and second factors, beside allauth's own."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from playground.accounts.models import User

_SITE: Final = "Holdover"


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets are stored encrypted: who reads the database alone cannot make anybody's codes."""

    def encrypt(self, text: str) -> str:
        """``text`` as it is stored."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was encrypted.

        :raises InvalidToken: the installation has another key than then.
        """
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: User) -> str:
        """What an app calls the account."""
        return user.username

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's name
        """What a key is called until its person says otherwise."""
        before = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": before + 1} if before else _("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a browser calls this site."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": _SITE}


def _fernet() -> Fernet:
    key = hashlib.sha256(f"second factors {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
