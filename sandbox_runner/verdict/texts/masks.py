"""Comparing texts that differ even when nothing is held over: clocks, random values, identifiers. Pure.

What differs between answers of equal making is masked token by token, never by field: one volatile token must not
hide what stands beside it. Clock readings of the time of the run are taken out beforehand, because two readings may
agree by chance.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_EPOCH = re.compile(r"(?<![\w.])(\d{10})(\d{3}|\d{6}|\d{9})?(\.\d+)?(?!\w)")
_DAY_S: Final = 86_400
TOKENS_MAX: Final = 20_000
REQUEST_ID: Final = "<request id>"
TIME: Final = "<time>"
# No token is empty.
_END: Final = ""


def settled(text: str, *, request_id: str, at_epoch_ms: int) -> str:
    """``text`` without the request's own id and without clock readings from around ``at_epoch_ms``."""
    if request_id:
        text = text.replace(request_id, REQUEST_ID)
    now = at_epoch_ms // 1000
    text = _ISO.sub(lambda found: TIME if _is_near(found[0], now) else found[0], text)
    return _EPOCH.sub(lambda found: TIME if abs(int(found[1]) - now) < _DAY_S else found[0], text)


def _is_near(stamp: str, now: int) -> bool:
    try:
        day = datetime.fromisoformat(stamp[:10]).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(day.timestamp() - now) < 2 * _DAY_S


def tokens(text: str) -> list[str]:
    """Words, stretches of white space and single signs, in order."""
    return _TOKENS.findall(text)


def differs(observed: str, controls: Sequence[str]) -> bool:
    """Whether ``observed`` differs from ``controls`` where they agree among themselves."""
    if observed in controls:
        return False
    if len(set(controls)) <= 1:
        return bool(controls)
    split = [tokens(text[:TOKENS_MAX]) for text in controls]
    seen = tokens(observed[:TOKENS_MAX])
    if len({len(row) for row in split}) > 1:
        return not _explained(seen, split)
    if len(seen) != len(split[0]):
        return True
    columns = zip(*split, strict=True)
    return any(len(set(column)) == 1 and column[0] != token for column, token in zip(columns, seen, strict=True))


def separates(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether what all of ``left`` agree on is another than what all of ``right`` agree on, in some token."""
    if not left or not right or set(left) & set(right):
        return False
    if len(set(left)) == len(set(right)) == 1:
        return True
    rows = [[tokens(text[:TOKENS_MAX]) for text in texts] for texts in (left, right)]
    if len({len(row) for group in rows for row in group}) == 1:
        columns = zip(zip(*rows[0], strict=True), zip(*rows[1], strict=True), strict=True)
        return any(len(set(a)) == len(set(b)) == 1 and a[0] != b[0] for a, b in columns)
    return _part(*map(_agreed, rows)) or _part(*(_agreed([row[::-1] for row in group]) for group in rows))


def frozen(warm: Sequence[str], fresh: Sequence[str]) -> bool:
    """Whether what is another each time in ``fresh`` is always the same in ``warm``, and none of those."""
    return len(set(fresh)) == len(fresh) > 1 and len(set(warm)) == 1 and warm[0] not in fresh


def _agreed(rows: list[list[str]]) -> list[str | None]:
    """What texts agree on from their beginning, none where they do not; up to there where their very length varies.

    Where all of them are one text, its end is common to them as well.
    """
    if len({len(row) for row in rows}) > 1:
        return [*rows[0][: _common(rows)]]
    agreed = [column[0] if len(set(column)) == 1 else None for column in zip(*rows, strict=True)]
    return agreed if None in agreed else [*agreed, _END]


def _part(left: list[str | None], right: list[str | None]) -> bool:
    """Whether what either agrees on becomes another before it is anything in only one of them."""
    first = next(((a, b) for a, b in zip(left, right, strict=False) if a != b), (None, None))
    return None not in first


def _explained(seen: list[str], split: list[list[str]]) -> bool:
    """Of texts whose very length varies, only the common beginning and end can be compared."""
    head, tail = _common(split), _common([row[::-1] for row in split])
    tail = min(tail, min(len(row) for row in split) - head)
    first = split[0]
    return seen[:head] == first[:head] and (tail == 0 or seen[-tail:] == first[-tail:])


def _common(rows: list[list[str]]) -> int:
    count = 0
    for column in zip(*rows, strict=False):
        if len(set(column)) > 1:
            break
        count += 1
    return count
