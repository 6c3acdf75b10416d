"""Late work in words: whose it is, and what came out where. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, Words, _
from playground.text.display_text import readable

if TYPE_CHECKING:
    from sandbox_runner.events.records import LateWork

WORK: Final = Words(
    {
        "thread": N_("a thread"),
        "timer": N_("a timer"),
        "child": N_("a child process"),
        "promise": N_("a promise"),
        "unknown": N_("work"),
    }
)
_WORK_AT_START: Final = Words(
    {
        "thread": N_("A thread"),
        "timer": N_("A timer"),
        "child": N_("A child process"),
        "promise": N_("A promise"),
        "unknown": N_("Work"),
    }
)


def started_by(work: LateWork) -> str:
    """Whose work it is."""
    return f"#{work.started_by}" if work.started_by else _("module code")


def late_sentence(work: LateWork) -> str:
    """What came out where, and how that is known."""
    starter = _("request %(number)s") % {"number": work.started_by} if work.started_by else _("module code")
    said = f": “{readable(work.text)}”" if work.text else ""
    if work.effect:
        sentence = _("%(what)s that %(starter)s started went on in request %(number)s%(said)s (%(evidence)s)")
    else:
        sentence = _("%(what)s that %(starter)s started came out in request %(number)s%(said)s (%(evidence)s)")
    return sentence % {
        "what": _WORK_AT_START[work.kind],
        "starter": starter,
        "number": work.ran_in,
        "said": said,
        "evidence": readable(work.evidence),
    }
