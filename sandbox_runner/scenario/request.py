"""One request of a scenario. Pure."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from sandbox_runner import limits
from sandbox_runner.event_templates import with_event
from sandbox_runner.scenario import client_context
from sandbox_runner.scenario.field_types import Fault, FunctionName, is_absent
from sandbox_runner.scenario.parts import MadeFrom, Part


class Request(Part):
    """One request. ``principal`` (``as`` in a scenario) is the caller it is made for.

    ``function`` names the invoked function if the scenario has several.

    A scenario may be written with ``event`` in place of ``payload``; reading it makes the payload, and ``made_from``
    keeps what it was made from.

    ``client_context`` is what the client says of itself; only who waits for the answer can say something.

    ``fault`` is what happens in place of the handler's answer, once the handler has made it: with ``crash`` the
    runtime's process is killed, with ``timeout`` nothing is answered until the function's time is up. Lambda does
    neither when asked; what follows is what it does then. Only a request whose caller waits can have one.

    Instead of ``payload``, ``payload_bytes`` generates a JSON text of that many bytes. Such a request is sent whatever
    its size: over the limit of its type, the service answers with status 413.
    """

    model_config = ConfigDict(json_schema_extra=with_event)

    payload: JsonValue = None
    payload_bytes: int | None = Field(default=None, ge=2, le=limits.MADE_PAYLOAD_BYTES_MAX)
    type: Literal["sync", "event"] = "sync"
    principal: str | None = Field(default=None, alias="as", min_length=1, max_length=64)
    function: FunctionName | None = Field(default=None, exclude_if=is_absent)
    made_from: MadeFrom | None = Field(default=None, exclude_if=is_absent)
    client_context: dict[str, JsonValue] | None = Field(default=None, exclude_if=is_absent)
    fault: Fault | None = Field(default=None, exclude_if=is_absent)

    @model_validator(mode="after")
    def _sendable(self) -> Request:
        if self.client_context is not None:
            client_context.check(self.client_context, self.type)
        if self.fault is not None and self.type == "event":
            raise PydanticCustomError("fault-asynchronous", "fault-asynchronous")
        return self

    @property
    def payload_text(self) -> str:
        """The payload as the handler's runtime receives it: compact JSON, characters unescaped, keys in order.

        A generated payload that no runtime will receive is described instead.
        """
        if self.payload_bytes is None:
            return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))
        return self.shown_payload if self.is_too_large else f'"{"x" * (self.payload_bytes - 2)}"'

    @property
    def shown_payload(self) -> str:
        """The payload for display; a generated one is described."""
        if self.payload_bytes is None:
            return self.payload_text
        return f"a text of {self.payload_bytes:,} bytes, made for this request"

    @property
    def is_too_large(self) -> bool:
        """Whether the generated payload exceeds the service's limit."""
        return (self.payload_bytes or 0) > self.bytes_max

    @property
    def bytes_max(self) -> int:
        """The largest payload in bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
        return limits.ASYNC_REQUEST_BYTES_MAX if self.type == "event" else limits.REQUEST_BYTES_MAX
