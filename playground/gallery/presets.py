"""Scenario shapes a person may lay over their own handler: they replace the steps and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PresetStep:
    """One row of the form: ``kind`` is invoke, idle or recycle; the other fields are the row's own texts."""

    kind: str
    principal: str = ""
    payload: str = ""
    idle: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A shape. ``note`` says what the handler must do for the shape to show something."""

    slug: str
    title: str
    note: str
    steps: tuple[PresetStep, ...]


_HOGE: Final = '{"queryStringParameters": {"message": "hoge"}}'
_FUGA: Final = '{"queryStringParameters": {"message": "fuga"}}'
_A: Final = PresetStep("invoke", "tenant-a", _HOGE)
_B: Final = PresetStep("invoke", "tenant-b", _FUGA)
_IDLE: Final = PresetStep("idle", idle="2s")
_RECYCLE: Final = PresetStep("recycle")


def _acting(principal: str, action: str) -> PresetStep:
    payload = f'{{"queryStringParameters": {{"message": "hoge"}}, "action": "{action}"}}'
    return PresetStep("invoke", principal, payload)


_PRESETS: Final = (
    Preset(
        "two-callers",
        "Two callers, one environment",
        "Two principals, one after the other, in the same environment.",
        (_A, _B),
    ),
    Preset(
        "crash-then-reuse",
        "Crash, then reuse",
        "Let the handler end its process when action is “crash”: module state is new afterwards, /tmp stays.",
        (_A, _acting("tenant-a", "crash"), _B),
    ),
    Preset(
        "timeout-then-reuse",
        "Timeout, then reuse",
        "Let the handler wait for ever when action is “hang”: the next request pays the initialisation again.",
        (_A, _acting("tenant-a", "hang"), _B),
    ),
    Preset(
        "background-work",
        "Background work across a freeze",
        "Let the handler start a thread, timer or promise when action is “later” and answer without waiting for it.",
        (_acting("tenant-a", "later"), _IDLE, _B),
    ),
    Preset(
        "cold-every-time",
        "Cold every time",
        "Each request gets an environment of its own: what still comes back was not held over by one.",
        (_A, _RECYCLE, _B),
    ),
)


def presets() -> tuple[Preset, ...]:
    """Every shape, in the order in which the page offers them."""
    return _PRESETS
