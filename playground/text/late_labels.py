"""Late work in words: who started it, and what appeared where. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.i18n.marking import Vocabulary, _, told
from playground.text.display_text import readable

if TYPE_CHECKING:
    from sandbox_runner.events.records import LateWork

WORK: Final = Vocabulary("work-in-text")
_WORK_AT_START: Final = Vocabulary("work")


def started_by(work: LateWork) -> str:
    """Who started the work."""
    return f"#{work.started_by}" if work.started_by else _("module code")


def late_sentence(work: LateWork) -> str:
    """What appeared where, and how that is known."""
    starter = _("request %(number)s") % {"number": work.started_by} if work.started_by else _("module code")
    text = readable(told(work.done) if work.done else work.text)
    said = f": “{text}”" if text else ""
    if work.effect:
        sentence = _("%(what)s that %(starter)s started went on in request %(number)s%(said)s (%(evidence)s)")
    else:
        sentence = _("%(what)s that %(starter)s started came out in request %(number)s%(said)s (%(evidence)s)")
    return sentence % {
        "what": _WORK_AT_START[work.kind],
        "starter": starter,
        "number": work.ran_in,
        "said": said,
        "evidence": readable(told(work.evidence)),
    }
