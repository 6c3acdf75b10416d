"""The history oracle: does an answer depend on what ran before? Pure.

An answer of the run is compared with the answers of the same request alone in a fresh environment. A difference
counts when at least two fresh answers say what is constant, and when the same requests played again differ as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.texts.masks import differs, frozen, settled
from sandbox_runner.verdict.texts.outputs import leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.verdict.evidence.facts import Answer

CONTROLS_MIN: Final = 2
# Where an answer has no such place, in its text.
ABSENT: Final = "(absent)"
_SHOWN_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of an answer that is another than alone; ``alone`` is the first fresh text.

    ``is_frozen``: alone it is another each time.
    """

    path: str
    after: str
    alone: str
    is_frozen: bool = False


def difference(answer: Answer, controls: Sequence[Answer], at_epoch_ms: int) -> Difference | None:
    """The first place in which ``answer`` differs from what fresh answers agree on; ``None`` where there is none."""
    if not controls or answer.cut:
        return None
    seen = _by_path(answer, at_epoch_ms)
    fresh = [_by_path(control, at_epoch_ms) for control in controls]
    for path in dict.fromkeys([*seen, *(path for row in fresh for path in row)]):
        texts = [row.get(path, ABSENT) for row in fresh]
        if differs(seen.get(path, ABSENT), texts):
            return Difference(path, seen.get(path, ABSENT)[:_SHOWN_MAX], texts[0][:_SHOWN_MAX])
    return None


def confirmed_difference(
    answer: Answer, again: Sequence[Answer], controls: Sequence[Answer], at_epoch_ms: int
) -> Difference | None:
    """The difference of ``answer``, if there are enough controls and every answer of ``again`` differs as well."""
    if len(controls) < CONTROLS_MIN:
        return None
    found = difference(answer, controls, at_epoch_ms)
    if found is None:
        return frozen_difference(answer, again, controls, at_epoch_ms)
    if any(difference(each, controls, at_epoch_ms) is None for each in again):
        return None
    return found


def only_together(together: Sequence[Answer], one_by_one: Sequence[Answer], at_epoch_ms: int) -> bool:
    """Whether answers taken at the same time differ in a place in which those taken one after the other agree."""
    rows, others = ([_by_path(each, at_epoch_ms) for each in answers] for answers in (together, one_by_one))
    return any(
        len({row.get(path, ABSENT) for row in rows}) > 1 and len({row.get(path, ABSENT) for row in others}) == 1
        for path in dict.fromkeys(path for row in (*rows, *others) for path in row)
    )


def noisy(answer: Answer, controls: Sequence[Answer], at_epoch_ms: int) -> bool:
    """Whether fresh answers differ among themselves, so that nothing can be said of this one in that place."""
    rows = [_by_path(control, at_epoch_ms) for control in controls]
    seen = _by_path(answer, at_epoch_ms)
    return any(len({row.get(path, ABSENT) for row in [*rows, seen]}) == len(rows) + 1 > CONTROLS_MIN for path in seen)


def frozen_difference(
    answer: Answer, again: Sequence[Answer], controls: Sequence[Answer], at_epoch_ms: int
) -> Difference | None:
    """A place that is another in every fresh answer and always the same after the same requests.

    What ran before fixed it: seeded a generator, or kept what was drawn. Fresh answers were played between the
    others, so it is no clock.
    """
    if len(controls) < CONTROLS_MIN or not again or answer.cut:
        return None
    warm, fresh = ([_by_path(each, at_epoch_ms) for each in rows] for rows in ([answer, *again], controls))
    for path in warm[0]:
        texts = [row.get(path, ABSENT) for row in fresh]
        if frozen([row.get(path, ABSENT) for row in warm], texts):
            return Difference(path, warm[0][path][:_SHOWN_MAX], texts[0][:_SHOWN_MAX], is_frozen=True)
    return None


def _by_path(answer: Answer, at_epoch_ms: int) -> dict[str, str]:
    return {
        path: settled(text_of(value), request_id=answer.request_id, at_epoch_ms=at_epoch_ms)
        for path, value in leaves(answer.response)[0]
    }
