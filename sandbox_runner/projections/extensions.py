"""What each extension did in the life of its environment, as spans, from the events of a run. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox_runner.events.records import (
    EnvironmentResetDone,
    EnvironmentTerminated,
    Event,
    ExtensionSeen,
    PlatformRuntimeDone,
)
from sandbox_runner.results.parts import ExtensionResult, ExtensionSpan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.results.parts import ExtensionPhase


@dataclass(slots=True)
class _Followed:
    """One extension as its events are collected; ``open`` is the span that has not ended."""

    name: str
    external: bool
    events: tuple[str, ...] = ()
    open: tuple[ExtensionPhase, int, str | None] | None = None
    spans: list[ExtensionSpan] = field(default_factory=list)

    def begin(self, phase: ExtensionPhase, event: Event) -> None:
        """Open a span and close the one before it."""
        self.end(event.at_us)
        self.open = phase, event.at_us, event.request_id

    def end(self, at_us: int, how: str = "") -> None:
        """Close the open span, if any."""
        if self.open is not None:
            phase, start_us, request_id = self.open
            end_us = max(start_us, at_us)
            self.spans.append(
                ExtensionSpan(phase=phase, start_us=start_us, end_us=end_us, request_id=request_id, how=how)
            )
            self.open = None


def extension_results(events: Iterable[Event]) -> dict[str, tuple[ExtensionResult, ...]]:
    """The extensions of each environment, in the order in which they came."""
    found: dict[str, dict[str, _Followed]] = {}
    last_us = 0
    for event in events:
        last_us = max(last_us, event.at_us)
        if event.environment is not None:
            _follow(found.setdefault(event.environment, {}), event)
    return {
        environment: tuple(_result(each, last_us) for each in extensions.values())
        for environment, extensions in found.items()
        if extensions
    }


def _follow(extensions: dict[str, _Followed], event: Event) -> None:
    match event.record:
        case ExtensionSeen() as record:
            _note(extensions.setdefault(record.name, _Followed(record.name, record.external)), record, event)
        case PlatformRuntimeDone():
            for each in extensions.values():
                if each.open is not None and each.open[0] == "invoke":
                    each.begin("after-runtime", event)
        case EnvironmentResetDone() | EnvironmentTerminated():
            for each in extensions.values():
                each.end(event.at_us)


def _note(one: _Followed, record: ExtensionSeen, event: Event) -> None:
    match record.what:
        case "started":
            one.begin("init", event)
        case "registered":
            one.events = tuple(each for each in record.text.split(",") if each)
            if one.open is None:
                one.begin("init", event)
        case "invoke" | "shutdown":
            one.begin("invoke" if record.what == "invoke" else "shutdown", event)
        case "ready":
            one.end(event.at_us)
        case "exited" | "killed" | "not-launched":
            if one.open is None:
                one.begin("init" if record.what == "not-launched" else "shutdown", event)
            one.end(event.at_us, record.text or record.what)


def _result(one: _Followed, last_us: int) -> ExtensionResult:
    one.end(last_us)
    return ExtensionResult(name=one.name, external=one.external, events=one.events, spans=tuple(one.spans))
