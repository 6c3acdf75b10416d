"""English: what stands around the rest of a result that is written as text. See :mod:`.rendering` for templates."""

from __future__ import annotations

from typing import Final

REPORTS: Final = {
    "report-finding": "{number}. {grade:=word} ({severity:=word}, {confidence:=word})",
    "report-judged": "{grade:=word} ({severity:=word}, {confidence:=word}):",
    "report-carrier": "carried by {place} ({root:=word}){confirmed:, confirmed by resetting it|, not confirmed by resetting it}",
    "report-source": "{role:=word} at {file}:{line:=plain}",
    "report-evidence": "{oracle:=word}{path:: {path}|}{form:, {form:=word}|}",
    "report-nothing": "nothing",
    "report-check": "{oracle:=word}{done:| (not done)}:",
    "report-proof": "{replays} of {most} replays, {seconds} of {seconds_max} s.",
    "report-no-proof": "Nothing was replayed: the proof was turned off.",
    "report-stand-in": "{runtime} is played on {label}.",
    "report-sandbox": "Run in the {backend} sandbox: {isolation}",
    "report-compressed": "Long waits were compressed: the service's clock ran ahead of the function's.",
    "report-not-tried": "Requests marked “not played” were not tried.",
    "report-cut": " ({size} more not shown)",
    "report-summary": (
        "{scenarios} {scenarios:scenario|scenarios}{fail_on:: {failed} failed --fail-on {fail_on}|}; "
        "{missing} could not be run."
    ),
    "report-played": "the scenario is run",
    "report-ended-before": "the run ended before this request",
    "report-no-reader": "finding {number}: {kind:=word}{place: in {place}|}",
    "report-fingerprint": "fingerprint {fingerprint}",
}
