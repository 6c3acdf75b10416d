"""The origin of an exported file: what every file says about its run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.experiments.page_part.left_out import NOTHING, LeftOut
from playground.text.display_text import plain, readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.text.display_text import Piece


@dataclass(frozen=True, slots=True)
class Origin:
    """A run by id, absolute address, date, and the version that played it; ``left_out`` is what files lack of it."""

    run_id: str
    url: str
    played: str
    version: str
    left_out: LeftOut = NOTHING


def one_line(text: str, limit: int) -> str:
    """Text from a sandbox or a form as one line, with hidden characters made visible, cut after ``limit``."""
    return " ".join(readable(text, limit=limit).split())


def flat(pieces: Iterable[Piece]) -> str:
    """The visible text of the pieces, as one line."""
    return " ".join(plain(pieces).split())
