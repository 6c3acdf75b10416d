"""Measures how long each page took, by route name, because paths would reveal what was viewed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from playground.infrastructure.metrics import HTTP, TALLY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponseBase

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class TimingMiddleware:
    """The middleware; for both kinds of views."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Pass the request on and measure its response."""
        if self._is_async:
            return self._later(request)
        began = time.monotonic()
        response = cast("HttpResponseBase", self._get_response(request))
        _note(request, response, began)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = await cast("Awaitable[HttpResponseBase]", self._get_response(request))
        _note(request, response, began)
        return response


def _note(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    match = request.resolver_match
    route = match.view_name if match is not None else ""
    # Unknown methods and routes are excluded: otherwise clients could create labels.
    method = request.method if request.method in _METHODS else "other"
    TALLY.observe(HTTP, time.monotonic() - began, route or "none", method or "other", str(response.status_code))
