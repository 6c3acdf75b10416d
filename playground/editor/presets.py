"""Scenario templates that a person may lay over a handler: they replace the steps, and no code but an example's.

Their words are marked here and translated where they are shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.editor.form_state import StepRow
from playground.i18n.marking import N_

if TYPE_CHECKING:
    from playground.editor.form_state import FormState


@dataclass(frozen=True, slots=True)
class Preset:
    """A template. ``note`` says what it shows with the code of ``example``, a name in :mod:`.examples`.

    ``needs`` says what other code must do for the same; empty where any handler will do.
    """

    slug: str
    title: str
    note: str
    steps: tuple[StepRow, ...]
    example: str = "basket"
    needs: str = ""


def _asking(principal: str, order: str, action: str = "") -> StepRow:
    query = {"customer": principal, "order": order} | ({"action": action} if action else {})
    return StepRow("invoke", principal, json.dumps({"queryStringParameters": query}))


_ALICE: Final = _asking("alice", "A-1001")
_BOB: Final = _asking("bob", "B-2002")
_IDLE: Final = StepRow("idle", idle="2s")
_RECYCLE: Final = StepRow("recycle")


_PRESETS: Final = (
    Preset(
        "two-callers",
        N_("Two callers, one environment"),
        N_("Bob comes after Alice. Does he get anything of hers?"),
        (_ALICE, _BOB),
    ),
    Preset(
        "crash-then-reuse",
        N_("Crash, then reuse"),
        N_("Alice's second request crashes. Memory is new for Bob; /tmp is not."),
        (_ALICE, _asking("alice", "A-1002", "crash"), _BOB),
        "crash",
        N_("Your handler must end its process when “action” is “crash”."),
    ),
    Preset(
        "timeout-then-reuse",
        N_("Timeout, then reuse"),
        N_("Alice's second request hangs. Bob pays for a new initialisation and finds her /tmp."),
        (_ALICE, _asking("alice", "A-1002", "hang"), _BOB),
        "hang",
        N_("Your handler must not answer when “action” is “hang”."),
    ),
    Preset(
        "background-work",
        N_("Background work across a freeze"),
        N_("Alice has her answer; the work she left behind goes on during Bob's request."),
        (_asking("alice", "A-1001", "later"), _IDLE, _BOB),
        "later",
        N_("Your handler must start a thread, timer or promise when “action” is “later”, and answer without it."),
    ),
    Preset(
        "concurrent-callers",
        N_("Concurrent callers"),
        N_("Alice and Bob at the same moment, each in an environment of their own. Carol gets one of the two."),
        (_ALICE, StepRow("together", "bob", _BOB.payload), _asking("carol", "C-3003")),
    ),
    Preset(
        "prepared-environment",
        N_("A pre-initialised environment"),
        N_("The service initialises an environment before anybody asks. Alice does not wait for it."),
        (StepRow("initialize", times="1"), _IDLE, _ALICE, _BOB),
    ),
    Preset(
        "retried",
        N_("Asynchronous, with retries"),
        N_("A request that fails is tried three times, minutes apart, with one request id."),
        (
            StepRow("invoke", "alice", _asking("alice", "A-1001", "fail").payload, type="event"),
            StepRow("idle", idle="5m"),
        ),
        "fail",
        N_("Your handler must fail when “action” is “fail”."),
    ),
    Preset(
        "cold-every-time",
        N_("Cold every time"),
        N_("Every environment is shut down between Alice and Bob, so none can carry anything over."),
        (_ALICE, _RECYCLE, _BOB),
    ),
)


def presets() -> tuple[Preset, ...]:
    """Every template, in the order in which the page offers them."""
    return _PRESETS


def preset_of(state: FormState) -> str:
    """The slug of the template whose steps the form has; empty where they are no template's."""
    return next((preset.slug for preset in _PRESETS if preset.steps == state.steps), "")
