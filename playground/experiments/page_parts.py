"""The part of a run's result that its pages show: made when the run ends, and kept where the result is large.

A result that is small is read whole and cut then, which costs little; of a large one only the kept part is read.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from playground.experiments import stored_json
from playground.experiments.page_part.cutting import PagePart, cut
from playground.experiments.page_part.left_out import LeftOut
from playground.experiments.page_part.stored import PageResult
from sandbox_runner.results.model import RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.experiments.models import Run

# Bytes of JSON that are read for a page: about a tenth of a second.
READ_WHOLE_MAX: Final = 1_500_000
_LEFT_OUT: Final = TypeAdapter(LeftOut)


def of(run: Run) -> PagePart | None:
    """What pages show of that run; None before it has a result."""
    if run.result_blob is None:
        return None
    stored = stored_json.unpack_within(run.result_blob, READ_WHOLE_MAX)
    if stored is not None:
        return cut(RunResult.read(stored))
    kept = PageResult.objects.filter(run=run).first()
    return _read(kept) if kept else _made(run)


def packed(result: RunResult, size: int) -> bytes | None:
    """The part as bytes for storage, where the result, of ``size`` bytes of JSON, is too large to be read each time."""
    return None if size <= READ_WHOLE_MAX else _packed(cut(result))


def keep(run_ids: Iterable[str], blob: bytes | None) -> None:
    """Store what :func:`packed` gave for the result of these runs, in place of what there was."""
    ids = tuple(run_ids)
    PageResult.objects.filter(run__in=ids).delete()
    if blob is not None:
        PageResult.objects.bulk_create([PageResult(run_id=one, blob=blob) for one in ids], ignore_conflicts=True)


def _made(run: Run) -> PagePart | None:
    """For a run from before parts were kept: once."""
    result = run.result
    if result is None:
        return None
    part = cut(result)
    keep([run.pk], _packed(part))
    return part


def _packed(part: PagePart) -> bytes:
    return stored_json.pack({"result": part.result.to_json(), "left_out": asdict(part.left_out)})


def _read(kept: PageResult) -> PagePart:
    stored = stored_json.unpack(kept.blob)
    return PagePart(RunResult.read(stored["result"]), _LEFT_OUT.validate_python(stored["left_out"]))
