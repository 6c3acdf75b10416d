"""Views to write, edit and delete one's notes on a run, and to hide notes on one's experiment. All are forms."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.experiments import browser_keys
from playground.experiments.models import Experiment, Run
from playground.experiments.viewer import viewer_of
from playground.infrastructure.problem_responses import problem_page, refused_page
from playground.library.models import Note
from playground.library.notes import stored as notes
from playground.library.notes.anchors import place_name
from playground.runs import throttling

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.viewer import Viewer
    from playground.library.notes.anchors import NoteAnchor


@require_POST
def write(request: HttpRequest, run_id: str) -> HttpResponse:
    """Add a note to a place in a run that the viewer may open, or a reply to a note on it."""
    viewer = viewer_of(request)
    run = Run.objects.openable_by(viewer).select_related("revision").filter(pk=run_id).first()
    if run is None:
        raise Http404
    text = notes.note_text(request.POST.dict())
    where, problem = _where(run, request.POST.dict(), viewer)
    problem = problem or notes.text_problem(text)
    if problem or where is None:
        return problem_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, problem, text)
    if refusal := throttling.note_refusal(request):
        return refused_page(request, refusal, text)
    key = browser_keys.browser_key(request) or browser_keys.new_browser_key()
    if isinstance(where, Note):
        note = notes.reply(where, text, viewer, key)
    else:
        note = notes.write(run, where, text, viewer, key)
    if note is None:
        sentence = _("This run has %(most)d notes, the most allowed.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence % {"most": notes.NOTES_OF_A_RUN_MAX}, text)
    response = redirect(note)
    if viewer.user_id is None:
        browser_keys.remember(response, key)
    return response


def _where(run: Run, posted: dict[str, Any], viewer: Viewer) -> tuple[NoteAnchor | Note | None, str]:
    """The place that a note is pinned to, or the note that it answers; and what is wrong with it."""
    if asked := str(posted.get("reply_to", "")):
        found = notes.answered(run, asked, viewer)
        return found, "" if found else _("The note that this answers is not shown any more.")
    place = notes.chosen_place(run, posted)
    problem = _("This run has no such place; choose one from the list, or a line that its code or log has.")
    return place, "" if place else problem


@require_safe
def note(request: HttpRequest, note_id: str) -> HttpResponse:
    """A note's permanent address redirects to its place."""
    found = notes.readable_by(viewer_of(request)).select_related("run").filter(pk=note_id).first()
    if found is None:
        raise Http404
    return redirect(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, note_id: str) -> HttpResponse:
    """Edit one's own note."""
    found = _own_or_404(viewer_of(request), note_id)
    text, problem = found.text, ""
    if request.method == "POST":
        text = notes.note_text(request.POST.dict())
        if not (problem := notes.text_problem(text)):
            notes.change(found, text)
            return redirect(found)
    place = place_name(found.anchor, found.place)
    context = {"note": found, "text": text, "problem": problem, "place": place}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return render(request, "library/note_edit.html", context, status=status)


@require_POST
def delete(request: HttpRequest, note_id: str) -> HttpResponse:
    """Delete one's own note; the run's page then offers to undo it."""
    found = _own_or_404(viewer_of(request), note_id)
    notes.take_back(found)
    return redirect(f"{found.run.get_absolute_url()}?note-removed={found.pk}#notes")


@require_POST
def restore(request: HttpRequest, note_id: str) -> HttpResponse:
    """Restore one's own note."""
    found = _own_or_404(viewer_of(request), note_id, deleted=True)
    notes.bring_back(found)
    return redirect(found)


@require_POST
def hide(request: HttpRequest, note_id: str) -> HttpResponse:
    """As an editor of the experiment, hide a note from others or show it again."""
    viewer = viewer_of(request)
    edited = Experiment.objects.editable_by(viewer).values("pk")
    theirs = notes.readable_by(viewer).filter(run__revision__experiment__in=edited)
    found = theirs.select_related("run").filter(pk=note_id).first()
    if found is None:
        raise Http404
    notes.set_hidden(found, hidden=request.POST.get("hidden") == "yes")
    return redirect(found)


def _own_or_404(viewer: Viewer, note_id: str, *, deleted: bool = False) -> Note:
    runs = Run.objects.openable_by(viewer).values("pk")
    own = Note.objects.filter(notes.written_by(viewer), run__in=runs, deleted_at__isnull=not deleted)
    found = own.select_related("run").filter(pk=note_id).first()
    if found is None:
        raise Http404
    return found
