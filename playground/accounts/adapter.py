"""This product's rules for sign-in: how clients are counted, and which names are reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Allauth's adapter with this product's rules."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, the same one that submissions are counted by."""
        return request.META.get("REMOTE_ADDR") or "unknown"
