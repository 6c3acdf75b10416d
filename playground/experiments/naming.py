"""What an experiment without a title may be called: the first sentence of a verdict, as far as a line goes. Pure."""

from __future__ import annotations

import re
from typing import Final

CHARACTERS_MAX: Final = 80
_ENDS: Final = re.compile(r"(?<=[.!?])\s|(?<=。)")


def proposed_title(sentence: str) -> str:
    """The title that a verdict's sentence proposes; empty where there is no sentence."""
    first = _ENDS.split(sentence.strip(), maxsplit=1)[0].rstrip(".。")
    if len(first) <= CHARACTERS_MAX:
        return first
    cut = first[: CHARACTERS_MAX - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[CHARACTERS_MAX // 2 :] else cut).rstrip(" ,;:") + "…"
