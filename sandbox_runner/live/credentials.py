"""Credentials that clients send: known by the header they come in, and blanked in everything that is kept. Pure.

The function gets what was sent; log, page, scenario and result have a placeholder in its place, the same for the same
credential.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.events.records import Event
from sandbox_runner.results.model import RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.events.log import Sink
    from sandbox_runner.live.http import HttpRequest

# Headers whose value is a credential, with a scheme before it or without; those of cookies have a name before it.
_WHOLE: Final = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "x-auth-token", "x-amz-security-token", "x-csrf-token"}
)
# Shorter values are names or flags, and would be found in every other word.
CHARACTERS_MIN: Final = 8
# More are kept as they are; a session has not as many requests.
_MOST: Final = 1_000


class Credentials:
    """Those that a session has seen."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._placeholders)

    def learn(self, request: HttpRequest) -> None:
        """Note those that a request came with."""
        for secret in _sent_with(request):
            if len(secret) >= CHARACTERS_MIN and len(self._placeholders) < _MOST:
                self._placeholders.setdefault(secret, f"[credential {len(self._placeholders) + 1}]")

    def blank(self, value: Any) -> Any:
        """The same JSON value with placeholders in the strings of it."""
        if isinstance(value, str):
            return self._blanked(value)
        if isinstance(value, list | tuple):
            return [self.blank(each) for each in value]
        if isinstance(value, dict):
            return {self._blanked(name): self.blank(each) for name, each in value.items()}
        return value

    def blanking(self, sink: Sink) -> Sink:
        """``sink``, which gets none of them."""
        return lambda event: sink(self.blank_event(event))

    def blank_event(self, event: Event) -> Event:
        """The same event without them."""
        return Event.model_validate(self.blank(event.to_json())) if self else event

    def blank_result(self, result: RunResult) -> RunResult:
        """The same result without them."""
        return RunResult.read(self.blank(result.to_json())) if self else result

    def _blanked(self, text: str) -> str:
        # The longest first: one may be part of another.
        for secret in sorted(self._placeholders, key=len, reverse=True):
            placeholder = self._placeholders[secret]
            text = text.replace(secret, placeholder)
            # In JSON that is carried as text, it may be written otherwise.
            text = text.replace(json.dumps(secret)[1:-1], placeholder)
        return text


def _sent_with(request: HttpRequest) -> Iterator[str]:
    for name, value in request.headers:
        if name in _WHOLE:
            scheme, _, rest = value.strip().partition(" ")
            yield rest.strip() or scheme
        elif name == "cookie":
            yield from (each.partition("=")[2].strip() for each in value.split(";"))
