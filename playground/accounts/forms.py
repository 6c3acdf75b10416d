"""Sign-up that tells nobody which e-mail addresses have an account, and adding a passkey."""

from __future__ import annotations

from allauth.account.forms import SignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.forms import SignupForm as ProviderSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _


class _Discreet:
    """An account is made whether its address has another or not, so that everything is as with an unknown address.

    The address becomes that of whoever verifies it, see :mod:`playground.accounts.adapter`.
    """

    account_already_exists: bool

    def clean_email(self) -> str:
        """The address, which may be anybody's until it is verified."""
        address: str = super().clean_email()  # type: ignore[misc]  # the form's
        self.account_already_exists = False
        return address


class Signup(_Discreet, SignupForm):  # type: ignore[misc]  # allauth ships no types
    """With a password."""


class ProviderSignup(_Discreet, ProviderSignupForm):  # type: ignore[misc]  # the same
    """With a provider's word."""


class AddKey(AddWebAuthnForm):  # type: ignore[misc]  # the same
    """A passkey, which signs in alone, unless its person takes that away: then it is asked for beside the password."""

    name = forms.CharField(label=_("Name"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without the password"),
        required=False,
        initial=True,
        help_text=_(
            "Your device then asks for a finger, a face or a PIN. Otherwise it is asked for after the password."
        ),
    )
