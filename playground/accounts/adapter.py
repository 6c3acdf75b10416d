"""What of signing in is this product's own: who is counted as one client, and which names nobody may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Allauth's adapter with this product's words."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Who is counted: the same address that submissions are counted by."""
        return request.META.get("REMOTE_ADDR") or "unknown"
