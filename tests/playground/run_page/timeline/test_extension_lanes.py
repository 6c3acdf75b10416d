"""The lanes of extensions: below their environment, in its picture, with words for what each did."""

from __future__ import annotations

from playground.run_page.timeline.shapes import GUTTER
from playground.run_page.timeline.timeline import draw
from sandbox_runner.results.parts import ExtensionResult, ExtensionSpan
from tests.playground.run_results import environment, invocation, span

MS = 1_000


def extension(name, *spans):
    parts = [ExtensionSpan(phase=p, start_us=s * MS, end_us=e * MS, request_id=r) for p, s, e, r in spans]
    return ExtensionResult(name=name, external=True, events=("INVOKE",), spans=tuple(parts))


def drawn():
    request = invocation(1)
    tap = extension(
        "tap",
        ("init", 0, 80, None),
        ("invoke", 100, 150, invocation(1).request_id),
        ("after-runtime", 150, 400, invocation(1).request_id),
    )
    other = extension("a-name-that-is-far-too-long", ("init", 0, 90, None))
    spans = (span("init", 0, 100 * MS), span("invoke", 100 * MS, 400 * MS, 1))
    one = environment(spans=spans).model_copy(update={"extensions": (tap, other)})
    return draw((one,), (request,), ())


def test_each_extension_has_a_lane_inside_that_of_its_environment():
    timeline = drawn()
    (lane,) = timeline.lanes

    assert [each.name for each in lane.extensions] == ["tap", "a-name-that-is-far-too-long"]
    bottoms = [each.y + each.height for each in lane.extensions]
    assert max(mark.y + mark.height for mark in lane.marks) <= lane.extensions[0].y
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] <= lane.y + lane.height <= timeline.height


def test_what_goes_on_after_the_function_is_a_shape_of_its_own_that_says_so():
    timeline = drawn()
    before, after = timeline.lanes[0].extensions[0].outlines[1:]

    assert (before.kind, after.kind) == ("extension", "extension-after")
    assert before.right <= after.x + 1
    assert after.x >= GUTTER
    assert after.title.startswith("tap goes on after the function was done: 250 ms")
    assert after.anchor == "request-1"
    assert {"extension", "extension_after"} <= timeline.kinds
