"""The app of people and teams."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and teams."""

    name = "playground.accounts"
    label = "accounts"

    def ready(self) -> None:
        """A new password by e-mail ends the lock of a name; who signs in, and what fails, is logged.

        Whoever signs in first is staff.
        """
        from allauth.account.signals import password_reset, user_logged_in  # noqa: PLC0415 - not before apps are loaded

        from playground.accounts import security_log  # noqa: PLC0415 - the same
        from playground.accounts.adapter import forget_guesses  # noqa: PLC0415 - the same
        from playground.accounts.first_account import make_staff  # noqa: PLC0415 - the same

        password_reset.connect(forget_guesses)
        user_logged_in.connect(make_staff)
        security_log.connect()
