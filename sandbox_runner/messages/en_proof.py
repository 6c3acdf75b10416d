"""English: what is said of a proof. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

PROOF: Final = {
    # why it stopped
    "replays-used-up": "The limit of {replays} {replays:replay|replays} was reached.",
    "seconds-used-up": "The time limit for replays, {seconds} s, was reached.",
    "stopped-on-request": "It was stopped on request.",
    "replay-failed": "A replay failed because of an internal error. {failure}",
    # progress
    "proof-begins": "Proving: at most {most} {most:replay|replays}.",
    "replays-so-far": (
        "Proving: {played} of {wanted} {wanted:replay|replays} ({purpose:=word}; {requests:=requests}). "
        "{seconds} s of at most {seconds_max} s, at most {most} {most:replay|replays}."
    ),
    "judged-so-far": "So far: {grade:=word} ({confidence:=word}). {doing}",
    "proof-ended": "Proving ended after {played} of {wanted} replays. {why}",
    # what a longer one would add
    "longer-would-prove": "A longer proof would try to prove {findings:one more finding|{findings} more findings}.",
    "longer-would-place": "It would look for the place that carried {findings:one finding|{findings} findings}.",
    "longer-would-compare": "It would compare the answers of {requests:=requests} with fresh ones.",
    "longer-would-finish": "A longer proof would finish the comparisons that this one left out.",
    "longer-would-take": "This takes at least {replays} more {replays:replay|replays}, about {seconds} s.",
}
