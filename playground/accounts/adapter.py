"""This product's rules for accounts: which names may be, where e-mails lead, how clients and guesses are counted."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification import get_address_for_user
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from playground.accounts import names
from playground.accounts.models import User
from playground.infrastructure.clients import client_of
from playground.infrastructure.site_address import at_the_configured_site, site_address

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Names of limits in the settings.
_FAILED: Final = "login_failed"
_BY_NAME: Final = "login_failed_by_name"
_STAGE: Final = "playground.accounts.adapter.AddressVerified"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Allauth's adapter with this product's rules.

    A few wrong passwords lock a name for whoever guessed, not for everybody: else anybody could lock anybody out. Many,
    from many clients, lock it for all; a new password by e-mail lets its person in.
    """

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """The name as it is stored.

        :raises ValidationError: it cannot be, is taken, or looks like one that is.
        """
        name = names.prepared(username)
        if name is None:
            sentence = _("A name is of letters, digits and the signs . _ - + @, and begins with a letter or a digit.")
            raise ValidationError(sentence)
        if names.mixes_scripts(name):
            raise ValidationError(_("The name mixes letters of different scripts; take those of one."))
        cleaned: str = super().clean_username(name, shallow=shallow)
        if names.is_reserved(cleaned) or User.objects.filter(name_skeleton=names.skeleton(cleaned)).exists():
            raise ValidationError(_("The name is taken, or looks like one that is; choose another."))
        return cleaned

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """What a provider calls a person is prepared like what a person types."""
        super().populate_username(request, user)
        user.username = names.prepared(user.username) or user.username

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        """A name like the first of ``txts`` that is a beginning of one."""
        return str(super().generate_unique_username([_beginning(one) for one in txts if one], regex))

    def get_login_stages(self) -> list[str]:
        """Allauth's, of which the one that waits for an e-mail address to be verified is ours."""
        theirs = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__qualname__}"
        return [_STAGE if stage == theirs else stage for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, the same one that submissions are counted by."""
        return client_of(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """An e-mail whose links lead to the configured site, whatever host and port the request named."""
        links = {key: at_the_configured_site(context[key]) for key in context if key.endswith("_url")}
        site = _Site(urlsplit(site_address(self.request, "/")).netloc)
        super().send_mail(template_prefix, email, {"current_site": site, **context, **links})

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """The link that verifies an address; whoever has verified it at another account is told of that one instead."""
        address = emailconfirmation.email_address.email
        if EmailAddress.objects.filter(email__iexact=address, verified=True).exists():
            self.send_account_already_exists_mail(address)
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """:raises ValidationError: too many guesses, by this client or at this name."""
        super().pre_authenticate(request, **credentials)
        if not ratelimit.consume(request, action=_BY_NAME, key=_name(credentials)):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return _key(request, _name(credentials))


class AddressVerified(EmailVerificationStage):  # type: ignore[misc]  # allauth ships no types
    """Signing in waits for the address to be verified; whose account has none, has nothing to verify.

    Such accounts were made before this installation sent e-mail, or by its operator.
    """

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Whether signing in goes on, and if not, what is answered."""
        user = self.login.user
        if user is not None and get_address_for_user(user) is None:
            return None, True
        answered: tuple[HttpResponse | None, bool] = super().handle()
        return answered


@dataclass(frozen=True, slots=True)
class _Site:
    """What allauth's e-mails ask a site for."""

    domain: str
    name: str = "Holdover"


def forget_guesses(request: HttpRequest, user: User, **_: Any) -> None:
    """Receiver of allauth's signal that somebody set a new password by e-mail: the lock of their name ends."""
    ratelimit.clear(request, action=_FAILED, key=_key(request, user.username))
    ratelimit.clear(request, action=_BY_NAME, key=user.username.lower())


def _key(request: HttpRequest, name: str) -> str:
    return f"{client_of(request)} {name.lower()}"


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").lower()


def _beginning(text: str) -> str:
    """What allauth makes a name of, so that the name begins as one has to."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.lstrip("._-+@ ")
