"""The pages of experiments and runs. Everything works on reload and without scripts."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from playground.archives.client import Client
from playground.archives.keeping import check_named
from playground.editor import initial, session_draft
from playground.editor.event_picker import GROUPS, filled
from playground.editor.following_code import FOLLOW, follow_code, follow_runtime, refused
from playground.editor.form_state import FormState, edited, read_form, with_errors
from playground.editor.initial import with_package
from playground.editor.opening import ADD_LAYER, OPEN
from playground.editor.other_runtimes import other_runtimes
from playground.editor.presets import preset_of, presets
from playground.editor.request_advice import ADD_ACCOUNT, FILL_EVERY, advice_on, with_account, with_events
from playground.editor.resource_panel import (
    ADD_RESOURCE,
    ADD_WANTED,
    panel_of,
    read_resource,
    with_resource,
    with_wanted,
)
from playground.editor.runtime_choices import note_of, runtime_choices
from playground.editor.scenario_yaml import scenario_yaml
from playground.editor.template_data import template_data
from playground.editor.to_scenario import FormError, scenario_of
from playground.experiments import browser_keys, page_parts, retention, selectors
from playground.experiments.dependency_locks import locked_scenario
from playground.experiments.naming import proposed_title
from playground.experiments.result_stream import large_result
from playground.experiments.viewer import asked_again, viewer_of, with_browser
from playground.fidelity.views import ledger
from playground.i18n.marking import _, language
from playground.infrastructure.clients import client_of
from playground.infrastructure.problem_responses import problem_page
from playground.infrastructure.site_address import site_address
from playground.library import run_sidebar
from playground.pages import access, finding_copies, live_views, reverifying
from playground.pages.gallery_story import story_of
from playground.pages.my_runs import my_runs, read_asked
from playground.pages.opening_views import MissingArchive, layered, opened, sentence_of
from playground.pages.proving import longer_proof_view
from playground.pages.result_views import page_of, result_beside
from playground.pages.starting import started, to_run
from playground.run_page import live
from playground.run_page.fidelity_rows import fidelity_rows
from playground.run_page.timeline.time_range import WHOLE, Window, WindowError, read_window
from playground.runs import submission, throttling
from playground.runs.live import opening
from playground.runs.preparing import Preparing
from playground.text import labels
from sandbox_runner.bundles.bundle import LEFT_OUT_FOLDERS
from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import FILES_MAX, STEPS_MAX
from sandbox_runner.results.telling import told

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from playground.editor.opening import Opening
    from playground.editor.resource_panel import ResourceForm
    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer
    from playground.pages.finding_copies import Notice
    from sandbox_runner.scenario.model import Scenario


GO_LIVE: Final = "live"
_ADVISED: Final = {FILL_EVERY: with_events, ADD_ACCOUNT: with_account}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The editor; a POST plays what it holds, or shows what needs mending."""
    if request.method != "POST":
        return _filled_home_page(request)
    state = read_form(request.POST)
    if (action := request.POST.get("action", "run")) not in {"run", GO_LIVE}:
        return _acted(request, state, action)
    scenario, errors = None, {}
    by = with_browser(viewer_of(request))
    try:
        scenario = scenario_of(state)
        check_named(scenario, Client(by, client_of(request)))
    except FormError as error:
        errors = dict(error.errors)
    except ScenarioError as problem:
        scenario, errors = None, {"files": sentence_of(problem)}
    told = refused(state, errors)
    if scenario is None or told is not None:
        return _home_page(request, told or state, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _played(request, state, scenario, action, by)


def _played(request: HttpRequest, state: FormState, scenario: Scenario, action: str, by: Viewer) -> HttpResponse:
    refusal = opening.refusal(request) if action == GO_LIVE else throttling.refusal(request)
    if refusal:
        errors = {"form": refusal.sentence}
        response = _home_page(request, with_errors(state, errors), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(refusal.retry_after_s)
        return response
    parent = selectors.openable_revision(state.parent, by)
    if action == GO_LIVE:
        revision = submission.store(scenario, by=by, parent=parent)
        return to_run(opening.go_live(request, revision, by=by).run, by.browser_key)
    run = submission.submit(scenario, by=by, parent=parent)
    if "HX-Request" not in request.headers:
        return to_run(run, by.browser_key)
    # With scripts the result is shown beside the code.
    response = result_beside(request, run, by)
    browser_keys.remember(response, by.browser_key)
    return response


def _acted(request: HttpRequest, state: FormState, action: str) -> HttpResponse:
    """The form after one of its buttons that run nothing."""
    if action == "sign-in":
        return _sign_in_and_back(request, state)
    if action in (OPEN, ADD_LAYER):
        return _with_archive(request, state, action)
    if action == FOLLOW:
        following = follow_code(state) or follow_runtime(state)
        return _home_page(request, following.state if following else state)
    if action in _ADVISED:
        return _home_page(request, _ADVISED[action](state))
    if action in (ADD_RESOURCE, ADD_WANTED):
        is_typed = action == ADD_RESOURCE
        state, told = with_resource(state, read_resource(request.POST)) if is_typed else with_wanted(state)
        return _home_page(request, state, resource=told)
    return _home_page(request, edited(state, action))


def _with_archive(request: HttpRequest, state: FormState, action: str) -> HttpResponse:
    try:
        if action == ADD_LAYER:
            return _home_page(request, layered(request, state))
        found = opened(request, state)
    except (ScenarioError, MissingArchive) as problem:
        errors = {"archive": sentence_of(problem)}
        return _home_page(request, with_errors(state, errors), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _home_page(request, found.state, opening=found)


def _filled_home_page(request: HttpRequest) -> HttpResponse:
    if copy := finding_copies.copy_for(request.GET, viewer_of(request)):
        return _home_page(request, with_package(copy.form, request.GET), notice=copy.notice)
    form = session_draft.kept(request) or initial.form_for(request.GET, viewer_of(request))
    return _home_page(request, form)


def _sign_in_and_back(request: HttpRequest, state: FormState) -> HttpResponse:
    try:
        session_draft.keep(request)
    except session_draft.NotKept as problem:
        return _home_page(request, with_errors(state, {"form": str(problem)}), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect_to_login(session_draft.ADDRESS)


def _home_page(
    request: HttpRequest,
    state: FormState,
    status: HTTPStatus = HTTPStatus.OK,
    notice: Notice | None = None,
    opening: Opening | None = None,
    *,
    resource: ResourceForm | None = None,
) -> HttpResponse:
    context = {
        "form_state": state,
        "panel": panel_of(state, resource),
        "notice": notice,
        "opening": opening,
        "not_walked": " ".join(LEFT_OUT_FOLDERS),
        "archive_bytes_max": settings.HOLDOVER.archive_bytes_max,
        "languages": runtime_choices(timezone.now().date(), state.runtime),
        "runtime_note": note_of(state.runtime),
        "presets": presets(),
        "shown_preset": preset_of(state),
        "templates": template_data(),
        "event_groups": GROUPS,
        "preparing": Preparing.now(),
        "advice": advice_on(state),
    }
    return render(request, "experiments/home.html", context, status=status)


@never_cache
@require_POST
def step(request: HttpRequest) -> HttpResponse:
    """One row of the form, of those that were sent, with the payload of its event template; kept nowhere."""
    rows, digits = read_form(request.POST).steps, request.POST.get("action", "").removeprefix("fill-step-")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(STEPS_MAX)) else 0
    if not 1 <= number <= len(rows):
        return HttpResponseBadRequest()
    context = {"step": filled(rows[number - 1], number), "number": number, "event_groups": GROUPS}
    return render(request, "experiments/_step.html", context)


@never_cache
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """What runtime, file name and handler become by the code of a file, or by a runtime that was chosen; kept nowhere.

    Nothing is told where nothing changes; ``changes`` is false where there is only something to say.
    """
    state, at = read_form(request.POST), request.POST.get("at", "")
    place = int(at) if at.isascii() and at.isdecimal() and len(at) < len(str(FILES_MAX)) + 1 else -1
    following = follow_runtime(state) if request.POST.get("by") == "runtime" else follow_code(state, place)
    if following is None:
        return JsonResponse({})
    became = following.state
    return JsonResponse(
        {
            "said": following.said,
            "changes": became != state,
            "at": following.at,
            "runtime": became.runtime,
            "handler": became.handler,
            "file_name": became.files[following.at].name,
        }
    )


@never_cache
@require_POST
def advice(request: HttpRequest) -> HttpResponse:
    """What is said beside the requests of a form, before they are sent; kept nowhere."""
    return render(request, "experiments/_advice.html", {"advice": advice_on(read_form(request.POST))})


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What this person or this browser has run."""
    viewer = viewer_of(request)
    asked = read_asked(request.GET)
    deleted = selectors.remembered(request.GET.get("deleted", ""), viewer)
    context = {
        "asked": asked,
        "mine": my_runs(asked, viewer),
        "claimable": selectors.claimable(viewer),
        "deleted": deleted if deleted and selectors.may_edit(deleted, viewer) else None,
    }
    return render(request, "experiments/mine.html", context)


def naming(run: Run, viewer: Viewer) -> dict[str, Any]:
    """What the run is called, and the title to propose to whoever may give it one and has not."""
    experiment, story = run.revision.experiment, story_of(run.revision)
    unnamed = run.is_final and not experiment.title and selectors.may_edit(experiment, viewer)
    proposed = story.name if story else proposed_title(run.shown_sentence)
    return {
        "title": experiment.shown_title if experiment.title else story.name if story else "",
        "story": story,
        "proposed_title": proposed if unnamed else "",
    }


# --- a run --------------------------------------------------------------------------------------------------------


def asked_window(request: HttpRequest) -> tuple[Window, str]:
    """The range of time that the address asks for, and what is wrong with it where it is none."""
    try:
        return read_window(request.GET.get("t", "")), ""
    except WindowError as error:
        return WHOLE, str(error)


@never_cache
@require_safe
def run_page(request: HttpRequest, run_id: str) -> HttpResponse:
    """A run: its result once it is finished, until then (or where there is none) what was observed."""
    viewer = viewer_of(request)
    run = selectors.openable_run(run_id, viewer)
    if run is None:
        return access.stub_or_404(request, selectors.remembered_of_run(run_id, viewer), viewer)
    if hasattr(run, "proves_further"):
        return redirect(run.proves_further.original)
    part = page_parts.of(run)
    result = part.result if part else None
    window, problem = asked_window(request)
    context = {
        "run": run,
        "page": page_of(part, window) if part else None,
        "range_problem": problem,
        "experiment": run.revision.experiment,
        "original": selectors.original_of(run, viewer) if result else None,
        "others": selectors.comparable_runs(run, viewer) if result else (),
        "live": None if result else live.live_page(run),
        "preparing": Preparing.holding_up(run),
        "mattered": ledger().rows_named(fidelity_rows(result)) if result else (),
        "retention": retention.notice(run.revision.experiment),
        "share_url": site_address(request, run.get_absolute_url()),
        "verifications": reverifying.shown(run),
        "longer": longer_proof_view(run, part),
        "may_cancel": submission.may_cancel(run, viewer),
        "may_steer": submission.may_steer(run, viewer),
        "session": live_views.reached(request, run, viewer),
        "other_runtimes": other_runtimes(run.revision.scenario) if result else (),
    }
    context |= naming(run, viewer)
    context |= run_sidebar.context_of(request.GET, run, part, viewer)
    return access.kept(render(request, "experiments/run.html", context), run.revision.experiment)


@never_cache
@require_safe
def run_live(request: HttpRequest, run_id: str) -> HttpResponse:
    """The live fragment, for a page that asks again and again; 286 tells it to stop."""
    run = access.run_or_404(request, run_id)
    fragment = live.live_fragment(run, live.live_page(run))
    response = HttpResponseStopPolling(fragment) if run.is_final else HttpResponse(fragment)
    return access.kept(response, run.revision.experiment)


@require_safe
async def run_events(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The live fragments as server-sent events; a browser that lost them goes on after its ``Last-Event-ID``."""
    run = await sync_to_async(access.run_or_404)(request, run_id)
    client = live.Client(client_of(request), asked_again(request))
    if refusal := live.refusal(client.counted_as):
        return HttpResponse(refusal.sentence, status=refusal.status, headers={"Retry-After": "5"})
    messages = live.server_sent_events(run, live.heard(request.headers.get("Last-Event-ID", "")), client)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = StreamingHttpResponse(messages, content_type="text/event-stream", headers=headers)
    return await sync_to_async(access.kept)(response, run.revision.experiment)


@require_POST
def run_cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask a run to end; only whoever started it may."""
    run = access.run_or_404(request, run_id)
    if not submission.may_cancel(run, viewer_of(request)):
        sentence = _("Only the browser or the person that started this run may cancel it.")
        return problem_page(request, HTTPStatus.FORBIDDEN, sentence)
    submission.cancel(run)
    return redirect(run)


@require_POST
def run_again(request: HttpRequest, run_id: str) -> HttpResponse:
    """A new run of the same revision."""
    run = access.run_or_404(request, run_id)
    return started(request, lambda by: submission.play_again(run.revision, by=by))


@require_POST
def run_update_dependencies(request: HttpRequest, run_id: str) -> HttpResponse:
    """A run of the same scenario with the packages that the index has now."""
    run = access.run_or_404(request, run_id)
    return started(request, lambda by: submission.renew_dependencies(run.revision, by=by))


@require_safe
def run_json(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The result as the command line would print it, with its sentences in the page's language."""
    run = access.run_or_404(request, run_id)
    headers = {"Content-Disposition": f'attachment; filename="{run.id}.json"'}
    if (pieces := large_result(run, language())) is not None:
        streamed = StreamingHttpResponse(pieces, content_type="application/json", headers=headers)
        return access.kept(streamed, run.revision.experiment)
    if (result := run.result_json) is None:
        sentence = _("This run has no result to download; it is %(status)s.") % {"status": labels.STATUSES[run.status]}
        return problem_page(request, HTTPStatus.NOT_FOUND, sentence)
    return access.kept(JsonResponse(told(result, language()), headers=headers), run.revision.experiment)


@require_safe
def run_scenario(request: HttpRequest, run_id: str) -> HttpResponse:
    """The scenario as a file that the command line plays."""
    run = access.run_or_404(request, run_id)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.yaml"'}
    response = HttpResponse(
        scenario_yaml(locked_scenario(run.revision)), content_type="application/yaml", headers=headers
    )
    return access.kept(response, run.revision.experiment)
