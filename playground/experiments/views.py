"""The pages of experiments and runs. Everything works on reload and without scripts."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from playground.experiments import prefill, presenters, progress, queries, submission, throttling, visitors
from playground.experiments.faithfulness import fidelity_rows
from playground.experiments.form_scenario import FormError, scenario_of
from playground.experiments.forms import FormState, edited, read_form, with_errors
from playground.experiments.models import Experiment, Run
from playground.experiments.scenario_yaml import scenario_yaml
from playground.experiments.window import WHOLE, Window, WindowError, read_window
from playground.gallery import presets
from playground.ledger_page import ledger
from playground.problems import problem_page, refused_page
from sandbox_runner.scenario import RUNTIMES

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The editor; a POST plays what it holds, or shows what needs mending."""
    if request.method != "POST":
        return _home_page(request, prefill.form_for(request.GET))
    state = read_form(request.POST)
    if (action := request.POST.get("action", "run")) != "run":
        return _home_page(request, edited(state, action))
    try:
        scenario = scenario_of(state)
    except FormError as error:
        return _home_page(request, with_errors(state, error.errors), HTTPStatus.UNPROCESSABLE_ENTITY)
    if refusal := throttling.refusal(request):
        errors = {"form": refusal.sentence}
        response = _home_page(request, with_errors(state, errors), HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(refusal.retry_after_s)
        return response
    key = visitors.browser_key(request) or visitors.new_browser_key()
    return _to_run(submission.submit(scenario, browser_key=key, parent=queries.revision(state.parent)), key)


def _home_page(request: HttpRequest, state: FormState, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    context = {
        "form_state": state,
        "runtimes": RUNTIMES,
        "presets": presets(),
    }
    return render(request, "experiments/home.html", context, status=status)


def _to_run(run: Run, key: str) -> HttpResponse:
    response = redirect(run)
    visitors.remember(response, key)
    return response


@require_safe
def experiment(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """An experiment's revisions and runs."""
    found = get_object_or_404(Experiment, pk=experiment_id)
    context = {"experiment": found, "revisions": queries.revisions_with_runs(found)}
    return render(request, "experiments/experiment.html", context)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What this browser has run."""
    runs = queries.runs_of_browser(visitors.browser_key(request))
    return render(request, "experiments/mine.html", {"runs": runs})


# --- a run --------------------------------------------------------------------------------------------------------


def _run_or_404(run_id: str) -> Run:
    run = queries.run_with_scenario(run_id)
    if run is None:
        raise Http404
    return run


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
    run = _run_or_404(run_id)
    result = run.result
    window, problem = asked_window(request)
    context = {
        "run": run,
        "page": presenters.run_page(result, window) if result else None,
        "range_problem": problem,
        "live": None if result else progress.live_page(run),
        "mattered": ledger().rows_named(fidelity_rows(result)) if result else (),
        "share_url": request.build_absolute_uri(run.get_absolute_url()),
        "may_cancel": visitors.is_own(request, run.browser_key),
    }
    return render(request, "experiments/run.html", context)


@never_cache
@require_safe
def run_live(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The live fragment, for a page that asks again and again; 286 tells it to stop."""
    run = _run_or_404(run_id)
    fragment = progress.live_fragment(run, progress.live_page(run))
    return HttpResponseStopPolling(fragment) if run.is_final else HttpResponse(fragment)


@require_safe
async def run_events(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """The live fragments as server-sent events; a browser that lost them goes on after its ``Last-Event-ID``."""
    run = await sync_to_async(_run_or_404)(run_id)
    if not progress.has_free_slot():
        return HttpResponse("Too many pages are being watched.", status=503, headers={"Retry-After": "5"})
    messages = progress.server_sent_events(run, progress.heard(request.headers.get("Last-Event-ID", "")))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(messages, content_type="text/event-stream", headers=headers)


@require_POST
def run_cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask a run to end; only the browser that started it may."""
    run = _run_or_404(run_id)
    if not visitors.is_own(request, run.browser_key):
        sentence = "Only the browser that started this run may cancel it."
        return problem_page(request, HTTPStatus.FORBIDDEN, sentence)
    submission.cancel(run)
    return redirect(run)


@require_POST
def run_again(request: HttpRequest, run_id: str) -> HttpResponse:
    """A new run of the same revision."""
    run = _run_or_404(run_id)
    if refusal := throttling.refusal(request):
        return refused_page(request, refusal)
    key = visitors.browser_key(request) or visitors.new_browser_key()
    return _to_run(submission.play_again(run.revision, browser_key=key), key)


@require_safe
def run_json(request: HttpRequest, run_id: str) -> HttpResponse:
    """The result as the command line would print it."""
    run = _run_or_404(run_id)
    if (result := run.result_json) is None:
        sentence = f"This run is {run.get_status_display().lower()} and has no result to download."
        return problem_page(request, HTTPStatus.NOT_FOUND, sentence)
    return JsonResponse(result)


@require_safe
def run_scenario(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The scenario as a file that the command line plays."""
    text = scenario_yaml(_run_or_404(run_id).revision.scenario)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.yaml"'}
    return HttpResponse(text, content_type="application/yaml", headers=headers)
