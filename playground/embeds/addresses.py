"""Finds the run that an address of this site names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from playground.infrastructure.site_address import site_address

if TYPE_CHECKING:
    from django.http import HttpRequest

ADDRESS_CHARACTERS_MAX: Final = 2_000
_OF_A_RUN: Final = frozenset({"run", "run-embed"})


def run_named_by(address: str, request: HttpRequest) -> str | None:
    """The id of the run whose page or frame is at ``address`` on this site; else ``None``."""
    if len(address) > ADDRESS_CHARACTERS_MAX:
        return None
    try:
        parts = urlsplit(address)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        return None
    is_here = parts.scheme in ("http", "https") and parts.netloc in _hosts(request)
    return str(match.kwargs["run_id"]) if is_here and match.url_name in _OF_A_RUN else None


def _hosts(request: HttpRequest) -> set[str]:
    """What this site is called, by whoever asks and by its configuration."""
    return {request.get_host(), urlsplit(site_address(request, "/")).netloc}
