"""The messages about telemetry: the first goes to the guest, the others come from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Records for the subscriber ``extension``. Body: one a line, as it is to get them."""

    extension: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """An extension subscribed to ``types`` (platform, function, extension; separated by commas).

    ``api`` is telemetry or logs, ``schema`` the version of its records.
    """

    extension: str
    api: str
    schema: str
    types: str
    at_us: int


@dataclass(frozen=True, slots=True)
class TelemetryDropped:
    """That many records were not delivered to ``extension``, which did not take them fast enough."""

    extension: str
    records: int
    bytes: int
    at_us: int
