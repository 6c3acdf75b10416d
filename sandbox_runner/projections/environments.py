"""The lives of a run's environments as spans, from its events. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from sandbox_runner.events.records import (
    EndedBy,
    EnvironmentCreated,
    EnvironmentFrozen,
    EnvironmentReset,
    EnvironmentResetDone,
    EnvironmentShutdown,
    EnvironmentTerminated,
    EnvironmentThawed,
    Event,
    PlatformInitReport,
    PlatformInitStart,
    PlatformReport,
    PlatformRuntimeDone,
    PlatformStart,
)
from sandbox_runner.projections.extensions import extension_results
from sandbox_runner.results.model import EnvironmentResult, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_runner.results.parts import ExtensionResult

SpanPhase: TypeAlias = Literal["init", "restore", "invoke", "suppressed-init", "frozen", "reset", "shutdown"]


@dataclass(slots=True)
class _Life:
    """One environment as its events are collected. At most one span is open at a time, but for invocations.

    ``beside`` has when those began that are under way at once, by request id.
    """

    name: str
    created: EnvironmentCreated
    created_us: int
    ended_us: int
    ended_by: EndedBy = "run-ended"
    open: tuple[SpanPhase, int, str | None] | None = None
    spans: list[Span] = field(default_factory=list)
    beside: dict[str, int] = field(default_factory=dict)

    @property
    def serves_several(self) -> bool:
        """Whether invocations may overlap in it."""
        return self.created.initialization == "lambda-managed-instances"

    def begin(self, phase: SpanPhase, event: Event, at_us: int | None = None) -> None:
        """Open a span and close those before it."""
        start_us = event.at_us if at_us is None else at_us
        self.end(start_us)
        self.open = (phase, start_us, event.request_id)

    def end(self, at_us: int, status: str = "") -> None:
        """Close the open spans, if any."""
        for each in list(self.beside):
            self.end_of(each, at_us, status)
        if self.open is not None:
            phase, start_us, request_id = self.open
            self.spans.append(
                Span(phase=phase, start_us=start_us, end_us=max(start_us, at_us), request_id=request_id, status=status)
            )
            self.open = None

    def end_of(self, request_id: str, at_us: int, status: str) -> None:
        """Close the span of one of several invocations."""
        start_us = self.beside.pop(request_id, None)
        if start_us is not None:
            self.spans.append(
                Span(
                    phase="invoke",
                    start_us=start_us,
                    end_us=max(start_us, at_us),
                    request_id=request_id,
                    status=status,
                )
            )


def environment_results(events: Iterable[Event]) -> tuple[EnvironmentResult, ...]:
    """Every environment in the order of creation. One that is still alive is shown up to the last event."""
    events = tuple(events)
    lives: dict[str, _Life] = {}
    last_us = 0
    for event in events:
        last_us = max(last_us, event.at_us)
        if isinstance(event.record, EnvironmentCreated) and event.environment:
            lives[event.environment] = _Life(event.environment, event.record, event.at_us, event.at_us)
        life = lives.get(event.environment or "")
        if life is not None and not (life.serves_several and _overlap(life, event)):
            _live(life, event)
    extensions = extension_results(events)
    return tuple(_result(life, last_us, extensions.get(life.name, ())) for life in lives.values())


def _overlap(life: _Life, event: Event) -> bool:
    """Whether the event is about one of several invocations, whose span ends with its report."""
    match event.record:
        case PlatformStart():
            life.beside[event.request_id or ""] = event.at_us
        case PlatformReport(status=status):
            life.end_of(event.request_id or "", event.at_us, status)
        case PlatformRuntimeDone():
            pass
        case _:
            return False
    life.ended_us = max(life.ended_us, event.at_us)
    return True


def _live(life: _Life, event: Event) -> None:
    match event.record:
        case PlatformInitStart(phase=phase):
            life.begin("init" if phase == "init" else "suppressed-init", event)
        case PlatformInitReport(status=status) | PlatformReport(status=status):
            life.end(event.at_us, status)
        case PlatformRuntimeDone(status=status) if status != "success":
            life.end(event.at_us, status)
        case PlatformStart():
            life.begin("invoke", event)
        case EnvironmentFrozen():
            life.begin("frozen", event)
        case EnvironmentReset(reason=reason):
            # The invocation that is reset ends where the reset begins.
            life.end(event.at_us, reason)
            life.begin("reset", event)
        case EnvironmentThawed() | EnvironmentResetDone():
            life.end(event.at_us)
        case EnvironmentShutdown(reason=reason):
            life.begin("shutdown", event)
            life.ended_by = reason
        case EnvironmentTerminated(ended_by=ended_by):
            life.end(event.at_us)
            life.ended_by = ended_by
    life.ended_us = max(life.ended_us, event.at_us)


def _result(life: _Life, last_us: int, extensions: tuple[ExtensionResult, ...]) -> EnvironmentResult:
    if life.open is not None or life.beside:
        life.ended_us = max(life.ended_us, last_us)
        life.end(life.ended_us)
    return EnvironmentResult(
        id=life.name,
        initialization=life.created.initialization,
        created_by=life.created.created_by,
        ended_by=life.ended_by,
        log_stream=life.created.log_stream,
        created_us=life.created_us,
        ended_us=life.ended_us,
        function=life.created.function,
        spans=tuple(life.spans),
        extensions=extensions,
    )
