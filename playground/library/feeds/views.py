"""Views of feeds, and of the page on which a person makes, renews and withdraws their keys."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from playground.accounts.models import Team
from playground.experiments.models import Visibility
from playground.experiments.viewer import viewer_of
from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.library.feeds import keys
from playground.library.feeds.atom import AtomFeed, Told
from playground.library.models import Collection

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from playground.accounts.models import User
    from playground.experiments.viewer import Viewer
    from playground.library.feeds.keys import Subject


@never_cache
@require_safe
def of_collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    """The feed of a collection that this viewer may open."""
    viewer = viewer_of(request)
    found = Collection.objects.openable_by(viewer).filter(pk=collection_id).first()
    if found is None:
        raise Http404
    return _feed(request, found, viewer)


@never_cache
@require_safe
def by_key(request: HttpRequest, secret: str) -> HttpResponse:
    """The feed that the key with that secret opens, with what its person may see now."""
    found = None if is_guessing(request) else keys.read(secret)
    if found is None:
        note_wrong(request)
        raise Http404
    return _feed(request, found.subject, found.viewer)


def _feed(request: HttpRequest, subject: Subject, viewer: Viewer) -> HttpResponse:
    response = AtomFeed()(request, told=Told(subject, viewer, request))
    if isinstance(subject, Team) or subject.visibility != Visibility.PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """This person's keys; a POST makes, renews or withdraws one."""
    viewer = viewer_of(request)
    if request.method != "POST":
        return _page(request, asked=keys.subject_named(request.GET.get("of", ""), viewer))
    user: User = request.user  # type: ignore[assignment]  # only people are let in here
    if request.POST.get("action") == "withdraw":
        return _withdrawn(request, user)
    subject = keys.subject_named(request.POST.get("of", ""), viewer)
    if subject is None:
        sentence = _("No collection or team that you may open has that address.")
        return problem_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
    try:
        secret = keys.make(user, subject)
    except keys.TooManyKeysError:
        sentence = _("You have %(most)d feeds with a key, the most allowed; withdraw one first.")
        return problem_page(request, HTTPStatus.CONFLICT, sentence % {"most": keys.KEYS_MAX})
    made = site_address(request, reverse("feed", args=[secret]))
    return _page(request, made=made, status=HTTPStatus.CREATED)


def _withdrawn(request: HttpRequest, user: User) -> HttpResponse:
    """A key is withdrawn also where its person may not open any more what it was for."""
    named = request.POST.get("of", "")
    key = next((one for one in keys.keys_of(user) if keys.name_of(one.subject) == named), None)
    if key is None:
        raise Http404
    keys.withdraw(user, key.subject)
    messages.success(request, _("Nobody can read the feed by that address any more."))
    return redirect("feeds")


def _page(
    request: HttpRequest, *, asked: Subject | None = None, made: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]  # as above
    rows = [(one, keys.name_of(one.subject)) for one in keys.keys_of(user)]
    name = keys.name_of(asked) if asked else ""
    context = {
        "rows": rows,
        "made": made,
        "asked": asked if name not in {taken for _one, taken in rows} else None,
        "asked_name": name,
    }
    return render(request, "library/feeds.html", context, status=status)
