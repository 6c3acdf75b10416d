"""The codes of what is said of a proof: how far it is, why it stopped, what a longer one would add. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final

STOPPED: Final[dict[str, dict[str, Any]]] = {
    # Why replays ended before all that were wanted were played.
    "replays-used-up": {"replays": int},
    "seconds-used-up": {"seconds": float},
    "stopped-on-request": {},
    "replay-failed": {"failure": dict[str, Any]},
}

PROVING: Final[dict[str, dict[str, Any]]] = {
    "proof-begins": {"most": int},
    # ``wanted`` is what was asked for until now, of which ``played`` are over; the others bound both.
    "replays-so-far": {
        "played": int,
        "wanted": int,
        "most": int,
        "seconds": float,
        "seconds_max": float,
        "requests": list[int],
        "purpose": Annotated[str, "word"],
    },
    # The verdict that the replays so far leave, and what is being done to make it firmer.
    "judged-so-far": {
        "grade": Annotated[str, "word"],
        "confidence": Annotated[str, "word"],
        "doing": dict[str, Any],
    },
    "proof-ended": {"played": int, "wanted": int, "why": dict[str, Any]},
}

LONGER: Final[dict[str, dict[str, Any]]] = {
    # What a longer proof would do that this one did not, and at least how much that takes.
    "longer-would-prove": {"findings": int},
    "longer-would-place": {"findings": int},
    "longer-would-compare": {"requests": list[int]},
    "longer-would-finish": {},
    "longer-would-take": {"replays": int, "seconds": float},
}

PROOF_FAILURE: Final[dict[str, dict[str, Any]]] = {"image-changed": {"detail": str}}
