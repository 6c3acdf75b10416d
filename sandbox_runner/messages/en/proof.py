"""English: what is said of a proof. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

PROOF: Final = {
    # why it stopped
    "replays-used-up": "The limit of {replays} {replays:replay|replays} was reached.",
    "seconds-used-up": "The time limit for replays, {seconds} s, was reached.",
    "stopped-on-request": "It was stopped on request.",
    "replay-failed": "A replay failed because of an internal error. {failure}",
    # why it does not go on
    "image-changed": "The run was played in another sandbox image than there is now ({detail}); run it again instead.",
    # progress
    "proof-begins": "Proving: at most {most} {most:replay|replays}.",
    "replays-so-far": (
        "Proving: {played} of {wanted} {wanted:replay|replays} ({purpose:=word}; {requests:=requests}). "
        "{seconds} s of at most {seconds_max} s, at most {most} {most:replay|replays}."
    ),
    "judged-so-far": "So far: {grade:=word} ({confidence:=word}). {doing}",
    "proof-ended": "Proving ended after {played} of {wanted} replays. {why}",
    # what a longer one would add
    "longer-would-prove": "{findings:One finding is|{findings} findings are} not proven yet.",
    "longer-would-place": "What carried {findings:one finding|{findings} findings} is not confirmed yet.",
    "longer-would-compare": "The answers to {requests:=requests} have not been compared with fresh ones yet.",
    "longer-would-finish": "Some comparisons were left out.",
    "longer-would-take": (
        "A longer proof would do that; it takes about {replays} more {replays:replay|replays} and {seconds} s."
    ),
}
