"""What to say beside the requests of a form whose callers would send the same value. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.editor.to_scenario import FormError, scenario_of
from playground.i18n.marking import language
from sandbox_runner.messages import render
from sandbox_runner.verdict.values_alike import warning

if TYPE_CHECKING:
    from playground.editor.form_state import FormState


def said_of(state: FormState) -> str:
    """A sentence, or nothing; a form that has something to mend is not looked at."""
    try:
        found = warning(scenario_of(state))
    except FormError:
        return ""
    return render(found, language()) if found else ""
