"""Parts of a scenario that know none of the others. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sandbox_runner.scenario.field_types import Seconds, is_empty


class Part(BaseModel):
    """Immutable, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Peer(Part):
    """A TCP server outside the environments, reached as ``name:port`` from each of them.

    It serves ``max_clients`` at once (``null``: any number) and refuses the rest; it writes ``greeting`` to each new
    client, waits ``delay`` before it answers, echoes what it receives if ``echo`` is set, and closes a connection
    ``close_after`` seconds after it was opened. Waits are run time.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    kind: Literal["tcp"] = "tcp"
    port: int = Field(default=7000, ge=1024, le=65535)
    max_clients: int | None = Field(default=None, ge=0, le=1000)
    greeting: str = Field(default="", max_length=1024)
    echo: bool = True
    delay: Seconds = 0.0
    close_after: Seconds | None = None


class MadeFrom(Part):
    """The event template that a payload was made from, and the parts of it that were said instead of left to it.

    What counts is the payload: it may have been edited since, and the template mended.
    """

    template: str = Field(min_length=1, max_length=64)
    parts: dict[str, JsonValue] = Field(default_factory=dict, exclude_if=is_empty)
