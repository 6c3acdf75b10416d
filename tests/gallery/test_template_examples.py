"""What a scenario template says that it shows, its example does: crash, hang, go on later, fail."""

from __future__ import annotations

import pytest

from playground.editor.examples import RUNTIMES, example_form
from playground.editor.presets import presets
from playground.editor.to_scenario import scenario_of
from sandbox_runner.run.runner import RunOptions

OUTCOMES = {
    "two-callers": ["success", "success"],
    "crash-then-reuse": ["success", "runtime-exit", "success"],
    "timeout-then-reuse": ["success", "timeout", "success"],
    "background-work": ["success", "success"],
    "concurrent-callers": ["success", "success", "success"],
    "prepared-environment": ["success", "success"],
    "retried": ["function-error"] * 3,
    "cold-every-time": ["success", "success"],
}
STARTS = {
    "crash-then-reuse": ["cold", "warm", "suppressed-init"],
    "timeout-then-reuse": ["cold", "warm", "suppressed-init"],
    "prepared-environment": ["warm", "warm"],
    "cold-every-time": ["cold", "cold"],
}
HELD_OVER = {"cold-every-time": False, "retried": False}
IN_EVERY_RUN = {("crash-then-reuse", ".py"), ("background-work", ".mjs")}


def templates():
    for preset in presets():
        for ending in RUNTIMES:
            played = (preset.slug, ending) in IN_EVERY_RUN
            marks = () if played else (pytest.mark.matrix,)
            yield pytest.param(preset, ending, id=f"{preset.slug}{ending}", marks=marks)


@pytest.mark.parametrize(("template", "ending"), templates())
def test_a_template_shows_what_it_says(template, ending, engine):
    scenario = scenario_of(example_form(template.example, ending, template.steps))

    requests = engine.run(scenario, options=RunOptions(prove=False)).invocations

    assert [each.outcome for each in requests] == OUTCOMES[template.slug]
    assert [each.start for each in requests] == STARTS.get(template.slug, [each.start for each in requests])
    others = [order for order in ("A-1001", "B-2002") if order not in str(scenario.steps[-1])]
    held = any(order in requests[-1].response for order in others)
    assert held is HELD_OVER.get(template.slug, True)
