"""The addresses of a person's tokens."""

from __future__ import annotations

from django.urls import path

from playground.accounts import token_views

urlpatterns = [
    path("tokens", token_views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke", token_views.revoke, name="token-revoke"),
]
