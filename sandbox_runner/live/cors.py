"""What a function's URL adds for pages of other origins, and answers their preflights with. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html: a preflight reaches no function; to any other
answer the service's headers are added, beside those that the function says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner.live.http import HttpAnswer

if TYPE_CHECKING:
    from sandbox_runner.live.http import HttpRequest
    from sandbox_runner.scenario.function_url import Cors

Headers = tuple[tuple[str, str], ...]


def preflight(request: HttpRequest, cors: Cors | None) -> HttpAnswer | None:
    """The answer to a browser that asks before it sends; ``None`` for any other request, and without settings."""
    asks = request.method == "OPTIONS" and request.header("access-control-request-method")
    if cors is None or not asks or not request.header("origin"):
        return None
    added = headers(request, cors)
    if added:
        listed = (("methods", cors.allow_methods), ("headers", cors.allow_headers))
        added += tuple((f"access-control-allow-{name}", ",".join(values)) for name, values in listed if values)
        added += (("access-control-max-age", str(cors.max_age_s)),) if cors.max_age_s else ()
    return HttpAnswer(200, added, b"")


def headers(request: HttpRequest, cors: Cors | None) -> Headers:
    """What every answer gets; nothing without settings, and for an origin that they do not name.

    The origin is repeated even where any may ask, as https://github.com/samvera/serverless-iiif/issues/71 and
    https://github.com/aws-powertools/powertools-lambda-python/issues/4163 saw of the service.
    """
    origin = request.header("origin")
    if cors is None or not origin or not {origin, "*"} & set(cors.allow_origins):
        return ()
    return (
        ("access-control-allow-origin", origin),
        ("vary", "Origin"),
        *((("access-control-allow-credentials", "true"),) if cors.allow_credentials else ()),
        *((("access-control-expose-headers", ",".join(cors.expose_headers)),) if cors.expose_headers else ()),
    )
