"""Views of collections and of editing them. Every action is a form; every removal can be undone."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.experiments.models import Experiment, Run, Visibility
from playground.experiments.viewer import viewer_of
from playground.infrastructure.problem_responses import problem_page
from playground.library.collections import stored as stored_collections
from playground.library.collections.form import REMARK_CHARACTERS_MAX, CollectionForm, form_of, read_form, sharings
from playground.library.collections.reading_path import query_of
from playground.library.models import Collection, CollectionItem
from playground.text import normalize
from playground.text.markdown import rendered

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.viewer import Viewer

_NAMED: Final = re.compile(r"(?:^|/)(?P<kind>[xr]/)?(?P<id>[A-Za-z0-9_-]{22})(?:[/?#].*)?$")

_MOVES: Final[dict[str, stored_collections.Move]] = {"first": "first", "up": "up", "down": "down", "last": "last"}
# No database counts further.
_ID_MAX: Final = 2**62


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    """The collections visible to the viewer; a POST creates one for a signed-in user."""
    viewer = viewer_of(request)
    choices = sharings(viewer)
    form = CollectionForm()
    if request.method == "POST":
        if viewer.user_id is None:
            return redirect_to_login(reverse("collections"))
        form, fields = read_form(request.POST, choices)
        if not form.errors:
            return redirect(stored_collections.make(viewer.user_id, fields))
    context = {
        "collections": stored_collections.listed_collections(viewer),
        "form": form,
        "choices": choices,
        "may_make": viewer.user_id is not None,
    }
    return render(request, "library/collections.html", context, status=_status(form))


@never_cache
@require_safe
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    """A collection: its introduction and the items the viewer may see."""
    viewer = viewer_of(request)
    found = Collection.objects.openable_by(viewer).select_related("owner", "team").filter(pk=collection_id).first()
    if found is None:
        return _deleted_or_404(request, collection_id, viewer)
    context = {
        "collection": found,
        "introduction": rendered(found.introduction),
        "items": stored_collections.items_of(found, viewer),
        "reading_query": query_of(found),
        "open_to_all": found.visibility in {Visibility.PUBLIC, Visibility.UNLISTED},
        "may_edit": Collection.objects.editable_by(viewer).filter(pk=found.pk).exists(),
        "removed": _removed(request, viewer),
        "remark_max": REMARK_CHARACTERS_MAX,
    }
    response = render(request, "library/collection.html", context)
    if found.visibility != Visibility.PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _deleted_or_404(request: HttpRequest, collection_id: str, viewer: Viewer) -> HttpResponse:
    deleted = Collection.objects.editable_by(viewer).filter(pk=collection_id).exclude(deleted_at=None).first()
    if deleted is None:
        raise Http404
    return render(request, "library/collection_deleted.html", {"collection": deleted}, status=HTTPStatus.GONE)


def _removed(request: HttpRequest, viewer: Viewer) -> dict[str, object] | None:
    """What was just removed, so that it can be put back in place."""
    experiment = _experiment(request.GET.get("removed", ""), viewer)
    position = request.GET.get("at", "")
    if experiment is None or not _is_number(position):
        return None
    remark = normalize.one_line(request.GET.get("remark", ""))[:REMARK_CHARACTERS_MAX]
    return {"experiment": experiment, "position": position, "remark": remark}


# --- what its editors do ----------------------------------------------------------------------------------------------


def _editable_or_404(request: HttpRequest, collection_id: str, *, deleted: bool = False) -> Collection:
    found = Collection.objects.editable_by(viewer_of(request)).filter(pk=collection_id, deleted_at__isnull=not deleted)
    if (one := found.first()) is None:
        raise Http404
    return one


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Edit its title, introduction and visibility."""
    found = _editable_or_404(request, collection_id)
    viewer = viewer_of(request)
    choices = sharings(viewer)
    form = form_of(found)
    if found.owner_id != viewer.user_id:
        # A team's editor cannot give it to another team or keep it to themselves.
        kept = (f"team:{found.team_id}", Visibility.PUBLIC, Visibility.UNLISTED)
        choices = [choice for choice in choices if choice[0] in kept]
    if request.method == "POST":
        form, fields = read_form(request.POST, choices)
        if not form.errors:
            if fields["visibility"] in (Visibility.PUBLIC, Visibility.UNLISTED):
                fields["team_id"] = found.team_id
            stored_collections.change(found, fields, viewer)
            return redirect(found)
    context = {"collection": found, "form": form, "choices": choices}
    return render(request, "library/collection_edit.html", context, status=_status(form))


@require_POST
def delete(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Take it away; its page then offers to bring it back."""
    stored_collections.delete(_editable_or_404(request, collection_id), viewer_of(request))
    return redirect("collection", collection_id)


@require_POST
def restore(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Bring it back."""
    stored_collections.restore(_editable_or_404(request, collection_id, deleted=True), viewer_of(request))
    return redirect("collection", collection_id)


@require_POST
def put(request: HttpRequest, collection_id: str) -> HttpResponse:
    """Add an experiment, named by its address or id, or by one of its runs'."""
    found = _editable_or_404(request, collection_id)
    experiment = _experiment(request.POST.get("experiment", ""), viewer_of(request))
    if experiment is None:
        sentence = _("No experiment that you may open has that address; copy it from the experiment's or a run's page.")
        return problem_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
    at = request.POST.get("at", "")
    remark = normalize.one_line(request.POST.get("remark", ""))[:REMARK_CHARACTERS_MAX]
    if not stored_collections.put(found, experiment, position=int(at) if _is_number(at) else None, remark=remark):
        sentence = _("The collection has that experiment already, or %(most)d of them, the most allowed.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence % {"most": stored_collections.ITEMS_MAX})
    return redirect(f"{found.get_absolute_url()}#item-{experiment.pk}")


@require_POST
def put_somewhere(request: HttpRequest) -> HttpResponse:
    """The same from a run's page, whose form names the collection."""
    return put(request, request.POST.get("collection", ""))


@require_POST
def arrange(request: HttpRequest, collection_id: str, item_id: int) -> HttpResponse:
    """Move an item, or remove it."""
    found = _editable_or_404(request, collection_id)
    viewer = viewer_of(request)
    item = stored_collections.visible_items(viewer).filter(collection=found, pk=min(item_id, _ID_MAX)).first()
    if item is None:
        raise Http404
    action = request.POST.get("action", "")
    if action == "remove":
        return redirect(f"{found.get_absolute_url()}?{_undo(item)}#removed")
    if (where := _MOVES.get(action)) is not None:
        stored_collections.move(item, where, viewer)
    return redirect(f"{found.get_absolute_url()}#item-{item.experiment_id}")


def _undo(item: CollectionItem) -> str:
    """The address that puts back what is taken out here."""
    position = stored_collections.take_out(item)
    return urlencode({"removed": str(item.experiment_id), "at": str(position), "remark": item.remark})


def _experiment(text: str, viewer: Viewer) -> Experiment | None:
    """The experiment of that address or id, or of that run's, if the viewer may open it."""
    found = _NAMED.search(text.strip()[:500])
    if found is None:
        return None
    openable = Experiment.objects.openable_by(viewer)
    if found["kind"] != "r/" and (experiment := openable.filter(pk=found["id"]).first()):
        return experiment
    of_run = Run.objects.filter(pk=found["id"]).values("revision__experiment")
    return openable.filter(pk__in=of_run).first() if found["kind"] != "x/" else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6


def _status(form: CollectionForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
