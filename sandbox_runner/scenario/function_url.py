"""The settings of a function's URL, which live sessions have. Pure.

Bounds: https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sandbox_runner.scenario.field_types import is_absent
from sandbox_runner.scenario.parts import Part

# They become headers, so they hold what a header can; the service takes anything.
_Origin = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[!-~]+$")]
_HeaderName = Annotated[str, Field(max_length=1024, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
_HeaderNames = Annotated[tuple[_HeaderName, ...], Field(max_length=100)]


class Cors(Part):
    """What pages of other origins may ask of the URL; ``*`` stands for any, ``max_age_s`` is in seconds."""

    allow_origins: tuple[_Origin, ...] = Field(default=(), max_length=100)
    allow_methods: tuple[Literal["GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"], ...] = Field(
        default=(), max_length=6
    )
    allow_headers: _HeaderNames = ()
    expose_headers: _HeaderNames = ()
    max_age_s: int = Field(default=0, ge=0, le=86_400)
    allow_credentials: bool = False


class FunctionUrl(Part):
    """The URL of a function. Without ``cors``, pages of other origins get what the function itself answers."""

    cors: Cors | None = Field(default=None, exclude_if=is_absent)
