"""What a REPORT's Duration is made of when an init is hidden in it, in words and as a bar. Pure.

After a reset, or after an init that failed, the next invocation repeats the init inside its own Duration, and START is
written only after it: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import _
from playground.run_page.timeline.request_paths import row_anchor
from playground.text import labels
from sandbox_runner.events.records import PlatformInitReport
from sandbox_runner.rules.billing import two_decimals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playground.run_page.timeline.request_paths import Rows
    from sandbox_runner.events.records import Event
    from sandbox_runner.results.model import EnvironmentResult, InvocationResult, Span

# The drawn bar's width stands for the whole Duration; a part too short to see keeps this much.
BAR_PX: Final = 640
PART_PX_MIN: Final = 6


@dataclass(frozen=True, slots=True)
class HiddenInit:
    """One invocation with an init in its Duration. ``handler_ms`` is empty where the handler was never called."""

    name: str
    anchor: str
    duration_ms: str
    init_ms: str
    handler_ms: str
    init_px: int
    handler_px: int

    @property
    def short(self) -> str:
        """The sum alone, for a place without room."""
        if not self.handler_ms:
            return _("Duration %(duration_ms)s ms, all of it hidden init") % {"duration_ms": self.duration_ms}
        return _("Duration %(duration_ms)s ms = %(init_ms)s hidden init + %(handler_ms)s handler") % {
            "duration_ms": self.duration_ms,
            "init_ms": self.init_ms,
            "handler_ms": self.handler_ms,
        }

    @property
    def sentence(self) -> str:
        """The sum, and why the log does not show it."""
        if not self.handler_ms:
            return _(
                "Duration %(duration_ms)s ms is a suppressed init and nothing else: "
                "it ended before the handler could be called."
            ) % {"duration_ms": self.duration_ms}
        return _(
            "Duration %(duration_ms)s ms = %(init_ms)s ms suppressed init + %(handler_ms)s ms handler. "
            "START was written only after the init: from START on, %(handler_ms)s ms are left."
        ) % {"duration_ms": self.duration_ms, "init_ms": self.init_ms, "handler_ms": self.handler_ms}


def hidden_inits(
    environments: Iterable[EnvironmentResult], rows: Rows, events: Iterable[Event] = ()
) -> dict[str, HiddenInit]:
    """Every one, by the anchor of its row.

    :param events: the event log, whose reports have an init's length as it was measured inside of the environment.
    """
    measured = {
        (event.environment, event.at_us): event.record.metrics.duration_ms
        for event in events
        if isinstance(event.record, PlatformInitReport) and event.record.phase == "invoke"
    }
    found = {}
    for environment in environments:
        for span, one in _repeated(environment, rows):
            called = any(s.phase == "invoke" and s.request_id == span.request_id for s in environment.spans)
            init_ms = measured.get((environment.id, span.end_us), (span.end_us - span.start_us) / 1000)
            hidden = _hidden(span, one, init_ms, called=called)
            found[hidden.anchor] = hidden
    return found


def _repeated(environment: EnvironmentResult, rows: Rows) -> Iterator[tuple[Span, InvocationResult]]:
    for span in environment.spans:
        one = rows.of(environment.id, span) if span.phase == "suppressed-init" else None
        if one is not None and one.duration_ms is not None:
            yield span, one


def _hidden(span: Span, one: InvocationResult, init_ms: float, *, called: bool) -> HiddenInit:
    duration = _as_printed(one.duration_ms or 0.0)
    init = _as_printed(min(init_ms, duration))
    ran = called and span.status not in ("failure", "error", "timeout")
    init_px = _part(init, duration) if ran else BAR_PX
    handler_ms = labels.milliseconds(round(duration - init, 2)) if ran else ""
    return HiddenInit(
        anchor=row_anchor(one),
        duration_ms=labels.milliseconds(duration),
        init_ms=labels.milliseconds(init),
        handler_ms=handler_ms,
        init_px=init_px,
        handler_px=BAR_PX - init_px,
        name=labels.request_name(one.index, one.principal),
    )


def _as_printed(ms: float) -> float:
    """The figure of the REPORT line, so that what is added up are the numbers that stand there."""
    return float(two_decimals(ms))


def _part(part: float, whole: float) -> int:
    share = part / whole if whole else 0
    return min(max(round(BAR_PX * share), PART_PX_MIN), BAR_PX - PART_PX_MIN)
