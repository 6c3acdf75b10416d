"""Headers that every answer has, files and errors included, beside those of Django's own middleware."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

# What no page of ours uses. Copying to the clipboard is used.
_FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
_ALWAYS: Final = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    # A view whose answer other sites may show says so itself.
    "Cross-Origin-Resource-Policy": "same-origin",
    # What a page shows may be withdrawn, or be for one reader alone.
    "Cache-Control": "private, no-cache",
}
# For what is answered before Django is asked.
BEFORE_DJANGO: Final = _ALWAYS | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def response_headers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: sets the headers that the view did not."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path.startswith(settings.STATIC_URL) and response.status_code < HTTPStatus.BAD_REQUEST:
            # An embedded page has no origin, so that its style sheets come from another one.
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
