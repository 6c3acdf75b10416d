"""Notes on runs: who may read them, and what authors and editors may do.

Anyone who may open a run may write on it and reply to what they read there, signed in or from an anonymous browser.
Authors edit and delete their own notes; an editor of the experiment may hide them from others. Replies to what is
hidden or deleted stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from playground.experiments import page_parts
from playground.experiments.models import Experiment, Run
from playground.library.models import Note
from playground.library.notes.anchors import NoteAnchor, Places, code_anchor
from playground.text import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.viewer import Viewer

TEXT_CHARACTERS_MAX: Final = 5_000
NOTES_OF_A_RUN_MAX: Final = 500
NEWEST_MAX: Final = 50


def readable_by(viewer: Viewer) -> QuerySet[Note]:
    """Notes on runs that ``viewer`` may open; hidden ones only for their authors and the experiment's editors."""
    experiment = Experiment.objects.filter(pk=OuterRef("run__revision__experiment_id"))
    edited = Exists(experiment.editable_by(viewer))
    shown = Q(hidden_at=None) | written_by(viewer) | Q(edited)
    return Note.objects.filter(shown, Exists(experiment.openable_by(viewer)), deleted_at=None)


def written_by(viewer: Viewer) -> Q:
    """The condition that a note is theirs: the person's, or the browser's if nobody is signed in."""
    mine = Q(pk__in=[])
    if viewer.user_id is not None:
        mine |= Q(author_id=viewer.user_id)
    if viewer.browser_key:
        mine |= Q(author=None, browser_key=viewer.browser_key)
    return mine


def is_own(note: Note, viewer: Viewer) -> bool:
    """The same for a given note."""
    if note.author_id is not None:
        return note.author_id == viewer.user_id
    return bool(viewer.browser_key) and note.browser_key == viewer.browser_key


def on_what_is_theirs(viewer: Viewer) -> QuerySet[Note]:
    """Notes by others on experiments that ``viewer`` may edit, and replies to notes of theirs, newest first."""
    edited = Experiment.objects.editable_by(viewer).filter(deleted_at=None).values("pk")
    answers = Q(reply_to__in=Note.objects.filter(written_by(viewer)).values("pk"))
    found = readable_by(viewer).filter(Q(run__revision__experiment__in=edited) | answers).exclude(written_by(viewer))
    return found.select_related("author", "run__revision__experiment").defer(*_BLOBS).order_by("-created_at", "id")


_BLOBS: Final = ("run__result_blob", "run__events_blob", "run__revision__scenario_blob")


def chosen_place(run: Run, posted: Mapping[str, Any]) -> NoteAnchor | None:
    """The place that the form names: an anchor, or a file and a line, or a line of the log; ``None`` if there is none.

    A line that was typed in overrides the default choice.
    """
    anchor = str(posted.get("place", ""))
    if line := str(posted.get("line", "")).strip():
        anchor = code_anchor(str(posted.get("file", "")), line)
    elif line := str(posted.get("log_line", "")).strip():
        anchor = f"log-line-{line}"
    return Places(page_parts.of(run)).get(anchor)


def text_problem(text: str) -> str:
    """What is wrong with a note's text, or nothing."""
    if not text:
        return _("The note is empty; write what there is to say.")
    if len(text) <= TEXT_CHARACTERS_MAX:
        return ""
    words = {"length": f"{len(text):,}", "most": f"{TEXT_CHARACTERS_MAX:,}"}
    return _("The note has %(length)s characters; it may have %(most)s. Shorten it.") % words


def note_text(posted: Mapping[str, Any]) -> str:
    """The form's text, as stored."""
    return normalize.several_lines(str(posted.get("text", "")))


def answered(run: Run, note_id: str, viewer: Viewer) -> Note | None:
    """The note on ``run`` that a reply to that one is put under, or None if ``viewer`` may read no such note."""
    if not note_id.isascii() or "\x00" in note_id:
        return None
    found = readable_by(viewer).filter(run=run, pk=note_id).select_related("reply_to").first()
    return found and (found.reply_to or found)


def reply(note: Note, text: str, viewer: Viewer, browser_key: str) -> Note | None:
    """Store a reply to it, as :func:`write` does."""
    return write(note.run, NoteAnchor(note.anchor, note.place, ""), text, viewer, browser_key, reply_to=note)


def write(
    run: Run, place: NoteAnchor, text: str, viewer: Viewer, browser_key: str, *, reply_to: Note | None = None
) -> Note | None:
    """Store a note; ``None`` where the run has as many as it may."""
    if Note.objects.filter(run=run, deleted_at=None).count() >= NOTES_OF_A_RUN_MAX:
        return None
    return Note.objects.create(
        run=run,
        anchor=place.kind,
        place=place.anchor,
        reply_to=reply_to,
        text=text,
        author_id=viewer.user_id,
        browser_key="" if viewer.user_id else browser_key,
    )


def change(note: Note, text: str) -> None:
    """Edit one's own note."""
    Note.objects.filter(pk=note.pk).update(text=text, edited_at=timezone.now())


def take_back(note: Note) -> None:
    """Delete one's own note, until it is restored."""
    Note.objects.filter(pk=note.pk).update(deleted_at=timezone.now())


def bring_back(note: Note) -> None:
    """Restore one's own note."""
    Note.objects.filter(pk=note.pk).update(deleted_at=None)


def set_hidden(note: Note, *, hidden: bool) -> None:
    """As an editor of the experiment, hide it from others or show it again."""
    Note.objects.filter(pk=note.pk).update(hidden_at=timezone.now() if hidden else None)
