"""The app of people and teams."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and teams."""

    name = "playground.accounts"
    label = "accounts"
