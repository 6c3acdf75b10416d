"""What to say beside the requests of a form before they are sent: equal values, an event the code expects. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from playground.editor.event_picker import filled, title_of
from playground.editor.to_scenario import FormError, scenario_of
from playground.i18n.marking import language
from sandbox_runner.event_templates.recognising import lacks, read_by
from sandbox_runner.messages import render
from sandbox_runner.verdict.values_alike import warning

if TYPE_CHECKING:
    from playground.editor.form_state import FormState, StepRow
    from sandbox_runner.event_templates.recognising import Sign

FILL_EVERY: Final = "fill-every-request"
"""What the button is called that gives every request the event which the code reads."""
_REQUESTS: Final = frozenset({"invoke", "together"})


@dataclass(frozen=True, slots=True)
class EventAdvice:
    """``steps`` are the rows, from 1, without the event of ``template`` that the code reads."""

    template: str
    title: str
    field: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RequestAdvice:
    """``alike`` is a sentence, or empty."""

    alike: str
    event: EventAdvice | None


def advice_on(state: FormState) -> RequestAdvice:
    """What is worth mending in the requests; the rows count for nothing beside a pasted scenario."""
    return RequestAdvice(_alike(state), None if state.scenario_text.strip() else _event(state))


def with_events(state: FormState) -> FormState:
    """The form whose requests all have the event that its code reads, for their callers; nothing else changes."""
    found = _event(state)
    if found is None:
        return state
    steps = [
        filled(replace(row, template=found.template), at) if at in found.steps else row
        for at, row in enumerate(state.steps, 1)
    ]
    return replace(state, steps=tuple(steps))


def _alike(state: FormState) -> str:
    try:
        found = warning(scenario_of(state))
    except FormError:
        return ""
    return render(found, language()) if found else ""


def _event(state: FormState) -> EventAdvice | None:
    sign = read_by(row.text for row in state.files)
    if sign is None:
        return None
    steps = tuple(at for at, row in enumerate(state.steps, 1) if row.kind in _REQUESTS and _lacks(row, sign))
    return EventAdvice(sign.template, title_of(sign.template), sign.fields[0], steps) if steps else None


def _lacks(row: StepRow, sign: Sign) -> bool:
    try:
        return lacks(json.loads(row.payload or "{}"), sign)
    except ValueError:
        return False
