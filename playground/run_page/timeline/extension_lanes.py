"""The lanes of an environment's extensions, below its own: init, their part of each request, goodbye. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.i18n.marking import N_, Words, _
from playground.run_page.timeline.environment_lane import attempt_name
from playground.run_page.timeline.request_paths import row_anchor
from playground.run_page.timeline.shapes import GUTTER, ROW_BAR, ROW_HEIGHT, Outline, OutlineLane, fits
from playground.text import labels
from playground.text.display_text import readable

if TYPE_CHECKING:
    from playground.run_page.timeline.axis import Axis
    from playground.run_page.timeline.environment_lane import Told
    from playground.run_page.timeline.shapes import OutlineKind
    from sandbox_runner.results.model import EnvironmentResult
    from sandbox_runner.results.parts import ExtensionResult, ExtensionSpan

_PHASES = Words(
    {
        "init": N_("init"),
        "invoke": N_("handles the request"),
        "after-runtime": N_("goes on after the function was done"),
        "shutdown": N_("says goodbye"),
    }
)


def extension_lanes(environment: EnvironmentResult, axis: Axis, told: Told, y: int) -> tuple[OutlineLane, ...]:
    """A lane for each, the first with its upper edge at ``y``."""
    lanes = []
    for extension in environment.extensions:
        spans = [span for span in extension.spans if told.window.shows(span.start_us, span.end_us)]
        outlines = [replace(_outline(environment.id, extension, span, axis, told), y=y + 2) for span in spans]
        lanes.append(OutlineLane(readable(extension.name), y, ROW_HEIGHT, y + ROW_BAR - 2, tuple(outlines), 0))
        y += ROW_HEIGHT
    return tuple(lanes)


def _outline(environment: str, extension: ExtensionResult, span: ExtensionSpan, axis: Axis, told: Told) -> Outline:
    left = GUTTER + axis.x(span.start_us)
    width = max(GUTTER + axis.x(max(span.end_us, span.start_us + 1)) - left, 2)
    request = told.rows.of(environment, span)
    length = labels.span(span.end_us - span.start_us)
    said = _("%(name)s %(what)s: %(length)s, from %(start)s of the run") % {
        "name": readable(extension.name),
        "what": _PHASES[span.phase],
        "length": length,
        "start": labels.span(span.start_us),
    }
    if request is not None and span.phase != "init":
        said += _(" of %(name)s") % {"name": attempt_name(request)}
    if span.how:
        said += f"; {readable(span.how)}"
    anchor = row_anchor(request) if request else f"environment-{environment}"
    kind: OutlineKind = "extension-after" if span.phase == "after-runtime" else "extension"
    return Outline(kind, left, 0, width, ROW_BAR, fits((length,), width), said, anchor)
