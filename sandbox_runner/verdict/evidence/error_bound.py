"""How many replays of either kind a claim needs, so that chance makes it in less than one run of ten thousand. Pure.

Where the very value that took a leaf's place comes out in its stead, chance would have had to write that value. Where
no request of the run and no line of the code has it, that takes as few replays as its characters make up for. Anything
else that differs (a hash, a sum, one bit, something that is gone) may be a coin, and takes as many replays as a fair
one is not expected to fall alike.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.texts.markers import forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Replays of each kind where the places only differ. With the answers that have to differ from their fresh ones
# already, a coin that is fair agrees with all of them in less than one run of a million.
REPEATS: Final = 8
# At least this often, however unlikely the value.
ECHOED_MIN: Final = 2
# Of all replays that show the value: one run in 131,072, for each leaf and value that is tried.
_BITS: Final = 17
# A letter that is made is one of half the alphabet, a digit one of ten.
_BITS_OF_A_LETTER: Final = math.log2(13)
_BITS_OF_A_DIGIT: Final = math.log2(10)


def needed(sent: str, instead: str, unchanged: Sequence[str], changed: Sequence[str]) -> int:
    """How many replays of each kind have to agree on a place, by what it showed in those that there are.

    :param sent: what the leaf is; the texts ``unchanged`` are those of the place with it.
    :param instead: what took its place in the replays that showed ``changed``; nobody else knows it.
    """
    bits = _bits(instead) - math.log2(1 + max(map(len, changed), default=0))
    if bits <= 0 or not _is_echo(sent, instead, unchanged, changed):
        return REPEATS
    return min(REPEATS, max(ECHOED_MIN, math.ceil(_BITS / bits)))


def _bits(text: str) -> float:
    """How unlikely ``text`` is where nobody sent it."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters * _BITS_OF_A_LETTER + digits * _BITS_OF_A_DIGIT


def _is_echo(sent: str, instead: str, unchanged: Sequence[str], changed: Sequence[str]) -> bool:
    """Whether each place shows what was sent in its replay, in the same form, and not what the other kind sent."""
    other = dict(forms(instead))
    return any(
        _all_show(was, unchanged, but_not=other[name]) and _all_show(other[name], changed, but_not=was)
        for name, was in forms(sent)
        if name in other
    )


def _all_show(wanted: str, texts: Iterable[str], *, but_not: str) -> bool:
    return all(wanted in text and but_not not in text.replace(wanted, "") for text in texts)
