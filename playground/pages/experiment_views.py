"""The pages of experiments: what they are about, their revisions, and what their holder may do with them."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from playground.experiments import browser_keys, claim_links, editing, retention, selectors
from playground.experiments.details_form import details_of, form_of, read_details, sharings
from playground.experiments.revision_rows import REVISIONS_SHOWN_MAX, revision_rows
from playground.experiments.viewer import viewer_of, with_browser
from playground.infrastructure.guessing import is_guessing, note_wrong
from playground.library.collections.reading_path import reading_path
from playground.pages import access
from playground.run_page.code import code_files
from playground.text.markdown import rendered

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.details_form import DetailsForm
    from playground.experiments.models import Experiment
    from playground.experiments.viewer import Viewer

# No experiment has as many revisions, and databases count no further.
_NUMBER_MAX: Final = 10**9


@never_cache
@require_safe
def page(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """An experiment: its words, its revisions with what changed, its runs."""
    viewer = viewer_of(request)
    found = selectors.openable_experiment(experiment_id, viewer)
    if found is None:
        return access.stub_or_404(request, selectors.remembered(experiment_id, viewer), viewer)
    below = _number(request.GET.get("below", ""))
    rows = revision_rows(selectors.revisions_of(found, below=below, most=REVISIONS_SHOWN_MAX))
    context = _of_experiment(found, viewer) | {
        "rows": rows,
        "retention": retention.notice(found),
        "below": below,
        "reading": reading_path(request.GET, found, viewer),
        "older": rows[-1].revision.number if rows and rows[-1].before else None,
    }
    return access.kept(render(request, "experiments/experiment.html", context), found)


@never_cache
@require_safe
def revision(request: HttpRequest, experiment_id: str, number: int) -> HttpResponse:
    """One revision: its files, its scenario, what changed, every run of it."""
    viewer = viewer_of(request)
    found = selectors.openable_experiment(experiment_id, viewer)
    revisions = selectors.revisions_numbered(found, number) if found and number <= _NUMBER_MAX else []
    if found is None or not revisions:
        raise Http404
    row = revision_rows(revisions)[0]
    context = {
        "experiment": found,
        "row": row,
        "files": code_files(row.revision.scenario.code, ()),
        "runs": selectors.runs_of_revision(row.revision),
    }
    return access.kept(render(request, "experiments/revision.html", context), found)


def _of_experiment(experiment: Experiment, viewer: Viewer) -> dict[str, Any]:
    return {
        "experiment": experiment,
        "description": rendered(experiment.description),
        "tags": list(experiment.tags.order_by("name")),
        "source": selectors.source_of(experiment, viewer),
        "may_edit": selectors.may_edit(experiment, viewer),
        "may_claim": viewer.user_id is not None and experiment.owner_id is None and _is_of_browser(experiment, viewer),
        "of_browser": experiment.owner_id is None and _is_of_browser(experiment, viewer),
        "is_owner": experiment.owner_id is not None and experiment.owner_id == viewer.user_id,
    }


def _is_of_browser(experiment: Experiment, viewer: Viewer) -> bool:
    return bool(viewer.browser_key) and experiment.browser_key == viewer.browser_key


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(_NUMBER_MAX)) else None


# --- what its holder may do ---------------------------------------------------------------------------------------


def _editable_or_404(experiment_id: str, viewer: Viewer) -> Experiment:
    found = selectors.openable_experiment(experiment_id, viewer)
    if found is None or not selectors.may_edit(found, viewer):
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Title, description, tags and who may open it; only for whoever may change them."""
    viewer = viewer_of(request)
    found = _editable_or_404(experiment_id, viewer)
    choices = sharings(found, viewer)
    if request.method != "POST":
        return _edit_page(request, found, form_of(found), choices)
    form = read_details(request.POST)
    details, errors = details_of(form, choices)
    if errors:
        return _edit_page(request, found, replace(form, errors=errors), choices, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not editing.describe(found, details, viewer):
        raise Http404
    messages.success(request, _("Saved."))
    return redirect(found)


def _edit_page(
    request: HttpRequest,
    experiment: Experiment,
    form: DetailsForm,
    choices: tuple[Any, ...],
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    hours = settings.HOLDOVER.deletion_grace_hours
    context = {"experiment": experiment, "details": form, "choices": choices, "grace_hours": hours}
    return access.kept(render(request, "experiments/edit.html", context, status=status), experiment)


@require_POST
def delete(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Take it away; its page then says until when it can be brought back, and so does the list it was deleted in."""
    if not editing.delete(experiment_id, viewer_of(request)):
        raise Http404
    if "listed" in request.POST:
        return redirect(f"{reverse('mine')}?deleted={experiment_id}")
    return redirect("experiment", experiment_id)


@require_POST
def restore(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Bring it back, within the time of grace."""
    if not editing.restore(experiment_id, viewer_of(request)):
        raise Http404
    messages.success(request, _("The experiment is back."))
    return redirect("mine") if "listed" in request.POST else redirect("experiment", experiment_id)


@require_POST
def claim(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """Make an experiment of this browser this person's; without a person, sign in first."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("experiment", args=[experiment_id]))
    if not editing.claim(viewer_of(request), experiment_id):
        raise Http404
    messages.success(request, _("The experiment is yours now, at every browser where you sign in."))
    return redirect("experiment", experiment_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, experiment_id: str, signature: str) -> HttpResponse:
    """The link that the API told whoever made an experiment without a token: it asks, and then hands it over."""
    viewer = with_browser(viewer_of(request))
    found = selectors.openable_experiment(experiment_id, viewer)
    if found is None or is_guessing(request) or not claim_links.is_genuine(experiment_id, signature):
        note_wrong(request)
        raise Http404
    if not claim_links.is_nobodys(found):
        messages.info(request, _("This experiment has been taken already."))
        return redirect(found)
    if request.method != "POST":
        return render(request, "experiments/take.html", {"experiment": found})
    if claim_links.take(experiment_id, viewer):
        messages.success(request, _("You may rename, share and delete this experiment now."))
    response = redirect(found)
    browser_keys.remember(response, viewer.browser_key)
    return response


@require_POST
def claim_all(request: HttpRequest) -> HttpResponse:
    """Make everything that this browser made before this person's."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("mine"))
    count = editing.claim(viewer_of(request))
    sentence = ngettext("%(count)d experiment is yours now.", "%(count)d experiments are yours now.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("mine")
