"""A run's figures and objects in words, the same on every page, in its language. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, Vocabulary, Words, _, ngettext
from playground.text.display_text import SHOWN_CHARACTERS_MAX, Piece, Pieces, readable, visible
from sandbox_runner.projections import log
from sandbox_runner.results.model import Verdict
from sandbox_runner.rules.billing import two_decimals

if TYPE_CHECKING:
    from sandbox_runner.results.model import EnvironmentResult

NOTHING: Final = "\u2013"
# The replacement for bytes that are not UTF-8.
UNREADABLE: Final = "\ufffd"

TONES: Final = {
    Verdict.LEAK: ("leak", "▲"),
    Verdict.HISTORY_DEPENDENT: ("history", "◆"),
    Verdict.RETAINED: ("retained", "●"),
    Verdict.CLEAN: ("clean", "✓"),
    Verdict.UNDETERMINED: ("undetermined", "?"),
    Verdict.NOTHING_TO_COMPARE: ("undetermined", NOTHING),
}
VERDICT_WORDS: Final = Vocabulary("verdict")

OUTCOMES: Final = Vocabulary("outcome")

STARTS: Final = Vocabulary("start")

PHASES: Final = Words(
    {
        "init": N_("init"),
        "restore": N_("restore"),
        "invoke": N_("invoke"),
        "suppressed-init": N_("suppressed init"),
        "frozen": N_("frozen"),
        "reset": N_("reset"),
        "shutdown": N_("shutdown"),
    }
)

ENDINGS: Final = Words(
    {
        "spindown": N_("ended by the service (spin-down)"),
        "failure": N_("ended after a failure"),
        "timeout": N_("ended after a timeout"),
        "run-ended": N_("ended with the run"),
    }
)

CREATORS: Final = Words(
    {
        "request": N_("for a request"),
        "proactive": N_("ahead of need (proactive)"),
        "provisioned": N_("as provisioned concurrency"),
        "snapshot": N_("from a snapshot"),
    }
)
# What fits in a lane below the environment's name; one created for a request needs no label.
CREATORS_SHORT: Final = Words(
    {"proactive": N_("proactive"), "provisioned": N_("provisioned"), "snapshot": N_("snapshot")}
)

# What fits in a timeline's gutter.
NOTE_CHARACTERS_MAX: Final = 14


def lane_note(environment: EnvironmentResult) -> str:
    """The text below an environment's name: its function's name if functions have names, else what created it."""
    note = environment.function or CREATORS_SHORT.get(environment.created_by, "")
    return note if len(note) <= NOTE_CHARACTERS_MAX else f"{note[: NOTE_CHARACTERS_MAX - 1]}…"


CONDITIONS_OF_END: Final = Words(
    {
        "": N_("not ended with the run"),
        "Success": N_("delivered"),
        "RetriesExhausted": N_("given up: every attempt failed"),
        "EventAgeExceeded": N_("given up: its maximum age was reached"),
        "ZeroReservedConcurrency": N_("given up: reserved concurrency is 0"),
        "RecursiveLoop": N_("dropped: it is part of a recursive loop"),
    }
)

STATUSES: Final = Words(
    {
        "queued": N_("Queued"),
        "running": N_("Running"),
        "proving": N_("Proving"),
        "finished": N_("Finished"),
        "failed": N_("Failed"),
        "cancelled": N_("Cancelled"),
    }
)

CONFIDENCES: Final = Vocabulary("confidence")

SEVERITIES: Final = Vocabulary("severity")

ORACLES: Final = Vocabulary("oracle")
ROOTS: Final = Vocabulary("root")
FORMS: Final = Vocabulary("form")


def span(microseconds: int) -> str:
    """A duration in a readable unit: ``850 µs``, ``3.1 ms``, ``41 ms``, ``5 s``, ``2 min``."""
    if microseconds < 1_000:
        return f"{max(microseconds, 0)} µs"
    if microseconds < 10_000:
        return f"{microseconds / 1_000:.1f} ms"
    if microseconds < 1_000_000:
        return f"{round(microseconds / 1_000)} ms"
    if microseconds < 120_000_000:
        return f"{microseconds / 1_000_000:.3g} s"
    if microseconds < 7_200_000_000:
        return f"{microseconds / 60_000_000:.3g} min"
    return f"{microseconds / 3_600_000_000:.3g} h"


def seconds(value: float) -> str:
    """Seconds of a budget: ``0.4 s``, ``10.0 s``."""
    return f"{value:,.1f} s"


def milliseconds(value: float | None) -> str:
    """A figure as the REPORT line prints it, without its unit."""
    if value is None:
        return NOTHING
    return f"{Decimal(two_decimals(value)):,}" if isinstance(value, float) else f"{value:,}"


def legible(value: str, *, limit: int = SHOWN_CHARACTERS_MAX) -> Pieces:
    """The value, or its length if it is mostly not text."""
    if value.count(UNREADABLE) * 2 > len(value):
        return (Piece(_("%(n)s characters that are no text") % {"n": f"{len(value):,}"}, "cut"),)
    return visible(value, limit=limit)


def verdict_word(verdict: Verdict) -> tuple[str, str, str]:
    """A verdict's CSS class, word and sign."""
    tone, icon = TONES[verdict]
    return tone, VERDICT_WORDS[verdict], icon


def requests(number: int) -> str:
    """``1 request``, ``2 requests``."""
    return ngettext("%(n)s request", "%(n)s requests", number) % {"n": f"{number:,}"}


def lines(number: int) -> str:
    """``1 line``, ``2 lines``."""
    return ngettext("%(n)s line", "%(n)s lines", number) % {"n": f"{number:,}"}


def attempts(number: int) -> str:
    """``1 attempt``, ``2 attempts``."""
    return ngettext("%(n)s attempt", "%(n)s attempts", number) % {"n": f"{number:,}"}


def replays(number: int) -> str:
    """``1 replay``, ``2 replays``."""
    return ngettext("%(n)s replay", "%(n)s replays", number) % {"n": f"{number:,}"}


def size(number: int) -> str:
    """A readable size; KB and MB are 1024-fold, as on Lambda."""
    if number >= 1024:
        return log.size(number)
    return ngettext("%(n)s byte", "%(n)s bytes", number) % {"n": f"{number:,}"}


def request_name(index: int, principal: str) -> str:
    """``request 2 (tenant-b)``; a request without its own principal only has a number."""
    name = _("request %(number)s") % {"number": index}
    return name if principal == f"request-{index}" else f"{name} ({readable(principal)})"


def request_at_start(index: int, principal: str) -> str:
    """The same at the beginning of a sentence."""
    name = _("Request %(number)s") % {"number": index}
    return name if principal == f"request-{index}" else f"{name} ({readable(principal)})"
