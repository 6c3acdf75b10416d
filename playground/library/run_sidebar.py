"""The library's part of a run's page: notes, the same leak shape elsewhere, collections to add it to.

A bounded number of queries, whatever the run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.models import Experiment
from playground.library.collections import stored as stored_collections
from playground.library.collections.reading_path import containing, reading_path
from playground.library.models import Collection, FacetKind, SearchDocument, SearchFacet
from playground.library.notes import stored as stored_notes
from playground.library.notes.anchors import NoteAnchor, Places
from playground.library.search.searching import listed_documents
from playground.text.display_text import readable
from playground.text.markdown import rendered
from sandbox_runner.results.pairs import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict
    from django.utils.safestring import SafeString

    from playground.experiments.models import Run
    from playground.experiments.page_part.cutting import PagePart
    from playground.experiments.viewer import Viewer
    from playground.library.models import Note
    from sandbox_runner.results.model import RunResult

ELSEWHERE_SHOWN_MAX: Final = 5
ELSEWHERE_COUNTED_MAX: Final = 100
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note for display. ``place`` is ``None`` if the run has no such place."""

    note: Note
    place: NoteAnchor | None
    html: SafeString
    own: bool
    may_hide: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A note with its replies; ``first`` is ``None`` where that note is deleted or hidden from the viewer."""

    key: str
    first: NoteView | None
    replies: tuple[NoteView, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Visible experiments with a finding of the same fingerprint as one of this run."""

    fingerprints: tuple[str, ...]
    documents: tuple[SearchDocument, ...]
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class OnRun:
    """``marks`` counts notes by the anchor they are pinned to; ``choices`` are the places that a form offers,
    ``files`` names of files with how they are shown.
    """

    threads: tuple[Thread, ...]
    marks: Mapping[str, int]
    choices: tuple[NoteAnchor, ...]
    files: tuple[tuple[str, str], ...]
    log_lines: int
    elsewhere: Elsewhere | None
    collections: tuple[Collection, ...]
    in_collections: tuple[Collection, ...]


def context_of(asked: QueryDict, run: Run, part: PagePart | None, viewer: Viewer) -> dict[str, Any]:
    """Template context for a run's page; while the run is in progress, only the collection that it is read in."""
    reading = {"reading": reading_path(asked, run.revision.experiment, viewer)}
    if not run.is_final:
        return reading
    chosen, removed = asked.get("note", ""), asked.get("note-removed", "")
    return reading | {
        "library": on_run(run, part, viewer, chosen),
        "chosen_place": chosen,
        "removed_note": removed if _ID.fullmatch(removed) else "",
    }


def on_run(run: Run, part: PagePart | None, viewer: Viewer, chosen: str = "") -> OnRun:
    """Everything; ``chosen`` is the anchor in the address where a note is to be written."""
    known = Places(part)
    result = part.result if part else None
    notes = notes_of(run, known, viewer)
    marks: dict[str, int] = {}
    for one in notes:
        if one.place and one.place.anchor:
            marks[one.place.anchor] = marks.get(one.place.anchor, 0) + 1
    offered = known.listed()
    if (pointed_at := known.get(chosen)) is not None and pointed_at not in offered:
        offered = (*offered, pointed_at)
    return OnRun(
        threads=threads_of(notes),
        marks=marks,
        choices=offered,
        files=tuple((name, readable(name)) for name in result.scenario.code) if result else (),
        log_lines=len(part.result.log) + part.left_out.log_lines if part else 0,
        elsewhere=elsewhere(run, result, viewer) if result else None,
        collections=tuple(stored_collections.editable_collections(viewer)),
        in_collections=tuple(containing(run.revision.experiment, viewer)),
    )


def notes_of(run: Run, known: Places, viewer: Viewer) -> tuple[NoteView, ...]:
    """The notes on that run that ``viewer`` may read, in the order in which they were written."""
    found = stored_notes.readable_by(viewer).filter(run=run).select_related("author")[: stored_notes.NOTES_OF_A_RUN_MAX]
    notes = list(found)
    if not notes:
        return ()
    edits = Experiment.objects.editable_by(viewer).filter(pk=run.revision.experiment_id).exists()
    return tuple(
        NoteView(one, known.get(one.place), rendered(one.text), stored_notes.is_own(one, viewer), edits)
        for one in notes
    )


def threads_of(notes: Sequence[NoteView]) -> tuple[Thread, ...]:
    """The notes with their replies, in the order in which the conversations began."""
    answers: dict[str, list[NoteView]] = {}
    firsts: dict[str, NoteView] = {}
    for one in notes:
        answers.setdefault(one.note.reply_to_id or one.note.pk, [])
        if one.note.reply_to_id:
            answers[one.note.reply_to_id].append(one)
        else:
            firsts[one.note.pk] = one
    return tuple(Thread(key, firsts.get(key), tuple(replies)) for key, replies in answers.items())


def elsewhere(run: Run, result: RunResult, viewer: Viewer) -> Elsewhere | None:
    """Where else the run's findings occurred; ``None`` if it has none."""
    known = tuple(dict.fromkeys(each for one in result.findings for each in fingerprints(one) if each))
    if not known:
        return None
    shapes = SearchFacet.objects.filter(kind=FacetKind.FINGERPRINT, value__in=known)
    others = listed_documents(viewer).filter(pk__in=shapes.values("document"))
    others = others.exclude(experiment_id=run.revision.experiment_id)
    ids = list(others.order_by("-pk").values_list("pk", flat=True)[: ELSEWHERE_COUNTED_MAX + 1])
    return Elsewhere(known, _shown(ids[:ELSEWHERE_SHOWN_MAX]), *_counted(ids))


def _shown(ids: Sequence[int]) -> tuple[SearchDocument, ...]:
    light = SearchDocument.objects.select_related("experiment", "run")
    found = light.defer("lines_blob", "run__result_blob", "run__events_blob").in_bulk(ids)
    return tuple(found[key] for key in ids if key in found)


def _counted(ids: Sequence[int]) -> tuple[int, bool]:
    return min(len(ids), ELSEWHERE_COUNTED_MAX), len(ids) > ELSEWHERE_COUNTED_MAX
