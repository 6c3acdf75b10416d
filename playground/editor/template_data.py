"""Scenario templates and their examples as data for the page's script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.editor.examples import RUNTIMES, texts
from playground.editor.form_state import STEP_FIELDS
from playground.editor.presets import presets
from playground.i18n.marking import _

if TYPE_CHECKING:
    from playground.editor.form_state import StepRow


def template_data() -> dict[str, Any]:
    """Each template's rows, its example and what other code must do; the code of the examples by ending."""
    shapes = {
        one.slug: {
            "steps": [_row(row) for row in one.steps],
            "example": one.example,
            "needs": _(one.needs) if one.needs else "",
        }
        for one in presets()
    }
    return {"shapes": shapes, "texts": {one.example: texts(one.example) for one in presets()}, "runtimes": RUNTIMES}


def _row(row: StepRow) -> list[str]:
    return [getattr(row, name.removeprefix("step_")) for name in STEP_FIELDS]
