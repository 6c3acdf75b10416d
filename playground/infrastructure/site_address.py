"""Links to this site. They begin as the configuration says: a request may name any host and port in its header."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from django.http import HttpRequest


def site_address(request: HttpRequest, path: str) -> str:
    """The whole address of ``path`` on this site."""
    return at_the_configured_site(request.build_absolute_uri(path))


def site(request: HttpRequest) -> dict[str, object]:
    """For templates: what stands before a path in a whole address of this site.

    It is found out where it is used: the page that refuses a host has none.
    """
    return {"site_of_links": SimpleLazyObject(lambda: site_address(request, "/").removesuffix("/"))}


def at_the_configured_site(address: str) -> str:
    """``address`` as it is if it begins with a configured origin, else at the first of them.

    Where none is configured, which production refuses, it stays as it is.
    """
    asked, origins = urlsplit(address), settings.HOLDOVER.trusted_origins
    if not origins or f"{asked.scheme}://{asked.netloc}" in origins:
        return address
    site = urlsplit(origins[0])
    return urlunsplit(asked._replace(scheme=site.scheme, netloc=site.netloc))
