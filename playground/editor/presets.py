"""Scenario shapes a person may lay over their own handler: they replace the steps and nothing else.

Their words are marked here and translated where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playground.editor.form_state import StepRow
from playground.i18n.marking import N_


@dataclass(frozen=True, slots=True)
class Preset:
    """A shape. ``note`` says what the handler must do for the shape to show something."""

    slug: str
    title: str
    note: str
    steps: tuple[StepRow, ...]


_HOGE: Final = '{"queryStringParameters": {"message": "hoge"}}'
_FUGA: Final = '{"queryStringParameters": {"message": "fuga"}}'
_A: Final = StepRow("invoke", "tenant-a", _HOGE)
_B: Final = StepRow("invoke", "tenant-b", _FUGA)
_IDLE: Final = StepRow("idle", idle="2s")
_RECYCLE: Final = StepRow("recycle")


def _acting(principal: str, action: str) -> StepRow:
    payload = f'{{"queryStringParameters": {{"message": "hoge"}}, "action": "{action}"}}'
    return StepRow("invoke", principal, payload)


_PRESETS: Final = (
    Preset(
        "two-callers",
        N_("Two callers, one environment"),
        N_("Two principals, one after the other, in the same environment."),
        (_A, _B),
    ),
    Preset(
        "crash-then-reuse",
        N_("Crash, then reuse"),
        N_("Let the handler end its process when action is “crash”: module state is new afterwards, /tmp stays."),
        (_A, _acting("tenant-a", "crash"), _B),
    ),
    Preset(
        "timeout-then-reuse",
        N_("Timeout, then reuse"),
        N_("Let the handler wait for ever when action is “hang”: the next request pays the initialisation again."),
        (_A, _acting("tenant-a", "hang"), _B),
    ),
    Preset(
        "background-work",
        N_("Background work across a freeze"),
        N_(
            "Let the handler start a thread, timer or promise when action is “later” and answer without waiting for it."
        ),
        (_acting("tenant-a", "later"), _IDLE, _B),
    ),
    Preset(
        "concurrent-callers",
        N_("Concurrent callers"),
        N_("Two principals at the same moment, each in an environment of its own, then a third in one of the two."),
        (_A, StepRow("together", "tenant-b", _FUGA), StepRow("invoke", "tenant-c", _FUGA)),
    ),
    Preset(
        "prepared-environment",
        N_("A prepared environment"),
        N_(
            "The service initialises an environment before anybody asks: what module code opens is held open meanwhile."
        ),
        (StepRow("initialize", times="1"), _IDLE, _A, _B),
    ),
    Preset(
        "retried",
        N_("Asynchronous, with retries"),
        N_("Let the handler fail: an asynchronous request is tried three times, with the same request id."),
        (StepRow("invoke", "tenant-a", _HOGE, type="event"), StepRow("idle", idle="5m")),
    ),
    Preset(
        "cold-every-time",
        N_("Cold every time"),
        N_("Each request gets an environment of its own: what still comes back was not held over by one."),
        (_A, _RECYCLE, _B),
    ),
)


def presets() -> tuple[Preset, ...]:
    """Every shape, in the order in which the page offers them."""
    return _PRESETS
