"""Runs: start, read, cancel and follow them.

Annotations are read at run time: they define parameters and bodies.
"""

import json
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import Router
from pydantic import StrictInt

from playground.api import live
from playground.api.auth import A_PERSON, asked_again, caller_of, client_behind, count_one, viewer_of
from playground.api.error_handlers import Refused, none_such
from playground.api.pagination import Limit, Offset, piece
from playground.api.parsers import Id, ScenarioOrItsText, Sent, scenario_of
from playground.api.schemas import (
    EVENT,
    Accepted,
    Advice,
    Findings,
    RevisionState,
    Runs,
    RunState,
    Submitted,
    responses,
    responses_of_writing,
)
from playground.api.serializers import failure_of, longer_proof_of, openable_run, revision_state, run_row
from playground.experiments import claim_links, page_parts, selectors
from playground.experiments.models import Revision, Run, RunQuerySet
from playground.experiments.result_stream import large_result
from playground.i18n.marking import language
from playground.infrastructure.clients import client_of
from playground.infrastructure.problem_responses import problem_json
from playground.infrastructure.site_address import site_address
from playground.run_page import live as live_page
from playground.run_page.status_line import now
from playground.runs import longer_proofs, submission
from playground.runs.longer_proofs import Budget, NothingToProveError
from playground.runs.waiting import waits_for_engine
from sandbox_runner.messages import render
from sandbox_runner.results.telling import told as told_result
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.verdict.evidence.values_alike import warning

router = Router(tags=["runs"], by_alias=True)


class RunIn(Sent):
    """What to run. ``parent`` is the revision, or a run of it, that this is an edited copy of.

    It becomes the next revision of the parent's experiment if you may edit that, else a fork.
    """

    example: ClassVar[str] = '{"scenario": …}'
    first_field: ClassVar[str] = "scenario"

    scenario: ScenarioOrItsText
    parent: Id | None = None


@router.post("runs", response=responses_of_writing({202: Submitted}, 400, 413, 422, 429), url_name="api-runs")
def start_run(request: HttpRequest, sent: RunIn) -> HttpResponse:
    """Run a scenario, given as a mapping or as the YAML or JSON text of its file."""
    scenario = scenario_of(sent.scenario, client_behind(request))
    parent = parent_of(request, sent.parent)
    count_one(request)
    run = submission.submit(scenario, by=viewer_of(request), parent=parent)
    # Nothing is added to an experiment nobody may edit, so one without an owner was created by this request.
    claim = claim_links.claim_address(run.revision.experiment)
    more = {"claim_url": site_address(request, claim)} if claim else {}
    return accepted(request, run, **more, **advice_on(scenario))


@router.get("runs/{slug:run_id}", response=responses({200: RunState}, 404), url_name="api-run")
def read_run(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Read a run's status, and its result once it is finished."""
    found = openable_run(run_id, viewer_of(request))
    state = {
        "status": found.status,
        "waiting": now((), found.status, engine_away=True) if waits_for_engine(found.status) else None,
        "failure": failure_of(found),
        "longer_proof": longer_proof_of(found),
    }
    headers = {"Cache-Control": "no-store"}
    said = where(request, found) | state
    if (
        pieces := large_result(found, language(), json.dumps(said, cls=DjangoJSONEncoder)[:-1] + ', "result": ', "}")
    ) is not None:
        return StreamingHttpResponse(pieces, content_type="application/json", headers=headers)
    result = found.result_json
    return JsonResponse(said | {"result": result and told_result(result, language())}, headers=headers)


@router.get("runs", response=responses({200: Runs}, 422), url_name="api-runs", auth=A_PERSON)
def list_runs(request: HttpRequest, limit: Limit = 50, offset: Offset = 0) -> Runs:
    """List the runs that you started, newest first."""
    viewer = viewer_of(request)
    return _piece(request, Run.objects.started_by(viewer).openable_by(viewer), limit, offset)


@router.post(
    "runs/{slug:run_id}/cancel", response=responses_of_writing({202: Accepted}, 404), url_name="api-run-cancel"
)
def cancel_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Cancel a run that you started; a finished one stays as it is."""
    run = openable_run(run_id, viewer_of(request))
    if not submission.may_cancel(run, viewer_of(request)):
        raise Refused(HTTPStatus.FORBIDDEN, "Only whoever started this run may cancel it.")
    submission.cancel(run)
    return accepted(request, run)


@router.post(
    "runs/{slug:run_id}/stop-proof",
    response=responses_of_writing({202: Accepted}, 404),
    url_name="api-run-stop-proof",
)
def stop_proof(request: HttpRequest, run_id: str) -> HttpResponse:
    """End the proof of a run and keep what was proven; a finished run stays as it is."""
    run = openable_run(run_id, viewer_of(request))
    if not submission.may_steer(run, viewer_of(request)):
        raise Refused(HTTPStatus.FORBIDDEN, "Only who started this run or may edit its experiment may stop its proof.")
    submission.stop_proof(run)
    return accepted(request, run)


class ProveIn(Sent):
    """How long a proof may go on; by default as long as this installation allows."""

    example: ClassVar[str] = '{"seconds": 60, "replays": 200}'

    seconds: StrictInt | None = None
    replays: StrictInt | None = None


@router.post(
    "runs/{slug:run_id}/prove",
    response=responses_of_writing({202: Accepted}, 400, 404, 409, 413, 422, 429),
    url_name="api-run-prove",
)
def prove_further(request: HttpRequest, run_id: str, sent: ProveIn) -> HttpResponse:
    """Prove the verdict of a finished run further.

    The response names the run that does it, to be followed and stopped as any other. Once it is finished, its result is
    that of the run that you named.
    """
    run = openable_run(run_id, viewer_of(request))
    if not submission.may_steer(run, viewer_of(request)):
        raise Refused(
            HTTPStatus.FORBIDDEN, "Only who started this run or may edit its experiment may prove it further."
        )
    most = longer_proofs.largest_budget()
    budget = Budget(_within("seconds", sent.seconds, most.seconds), _within("replays", sent.replays, most.replays))
    count_one(request)
    try:
        proof = longer_proofs.prove_further(run, budget, by=viewer_of(request))
    except NothingToProveError:
        sentence = "A longer proof of this run would add nothing: it has no verdict yet, or nothing was left out."
        raise Refused(HTTPStatus.CONFLICT, sentence) from None
    return accepted(request, proof.run)


def _within(field: str, asked: int | None, most: int) -> int:
    """:raises Refused: it is out of range."""
    if asked is None:
        return most
    if not 1 <= asked <= most:
        sentence = f"{field} goes from 1 to {most} on this installation; leave it out for the most."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, field=field)
    return asked


@router.get("runs/{slug:run_id}/findings", response=responses({200: Findings}, 404), url_name="api-run-findings")
def read_findings(request: HttpRequest, run_id: str) -> HttpResponse:
    """Read the findings behind the verdict: who wrote, who read, what carried it, how we know."""
    run = openable_run(run_id, viewer_of(request))
    part = page_parts.of(run)
    stored = run.result_json if part and part.left_out.lacks_findings else part and part.result.to_json()
    result = told_result(stored, language()) if stored else {}
    found = {
        "status": run.status,
        "verdict": result.get("verdict"),
        "verdict_messages": result.get("verdict_messages", []),
        "verdict_sentence": result.get("verdict_sentence"),
        "items": result.get("findings", []),
    }
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


# --- revisions ----------------------------------------------------------------------------------------------------


@router.get("revisions/{slug:revision_id}", response=responses({200: RevisionState}, 404), url_name="api-revision")
def read_revision(request: HttpRequest, revision_id: str) -> HttpResponse:
    """Read a revision with its scenario, files included."""
    state = revision_state(request, _revision(request, revision_id), viewer_of(request))
    return JsonResponse(state.model_dump(mode="json", by_alias=True))


@router.get(
    "revisions/{slug:revision_id}/runs", response=responses({200: Runs}, 404, 422), url_name="api-revision-runs"
)
def list_runs_of_revision(request: HttpRequest, revision_id: str, limit: Limit = 50, offset: Offset = 0) -> Runs:
    """List the runs of a revision, newest first."""
    return _piece(request, Run.objects.filter(revision=_revision(request, revision_id)), limit, offset)


@router.post(
    "revisions/{slug:revision_id}/runs",
    response=responses_of_writing({202: Submitted}, 404, 429),
    url_name="api-revision-runs",
)
def play_revision(request: HttpRequest, revision_id: str) -> HttpResponse:
    """Run a revision again."""
    revision = _revision(request, revision_id)
    count_one(request)
    return accepted(request, submission.play_again(revision, by=viewer_of(request)), **advice_on(revision.scenario))


def _revision(request: HttpRequest, revision_id: str) -> Revision:
    found = selectors.openable_revision(revision_id, viewer_of(request))
    if found is None:
        raise none_such("revision")
    return found


def _piece(request: HttpRequest, runs: RunQuerySet, limit: int, offset: int) -> Runs:
    found, following = piece(request, runs.listed(), limit, offset)
    return Runs(items=[run_row(request, one) for one in found], next=following)


# --- following one ------------------------------------------------------------------------------------------------


@router.get(
    "runs/{slug:run_id}/events",
    response=responses({200: None}, 404, 429),
    url_name="api-run-events",
    openapi_extra={"responses": {200: {"content": {"text/event-stream": {"schema": EVENT}}}}},
)
def watch_run(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """Follow a run as server-sent events until it ends; `Last-Event-ID` resumes a stream.

    `status` has `{"status"}`; `events` has `{"now", "progress", "events"}`: a sentence, the same as a message,
    and records of the event log; `done` has
    `{"status", "verdict", "verdict_sentence", "failure"}` and is the last.
    """
    run = openable_run(run_id, viewer_of(request))
    client = live_page.Client(caller_of(request).counted_as or client_of(request), asked_again(request))
    if refusal := live_page.refusal(client.counted_as):
        refused = problem_json(refusal.status, refusal.sentence)
        refused.headers["Retry-After"] = "5"
        return refused
    messages = live.server_sent_events(run, live_page.heard(request.headers.get("Last-Event-ID", "")), client)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(messages, content_type="text/event-stream", headers=headers)


def parent_of(request: HttpRequest, named: str | None) -> Revision | None:
    """The revision that a body names as its parent, or None.

    :raises Refused: the caller can see no such revision.
    """
    if named is None:
        return None
    found = selectors.openable_revision(named, viewer_of(request))
    if found is None:
        sentence = "There is no such revision or run for you to open; name another parent, or none."
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, field="parent")
    return found


def advice_on(scenario: Scenario) -> dict[str, Any]:
    """What is worth mending in a scenario, where there is anything, for the response to its submission."""
    found = warning(scenario)
    if found is None:
        return {}
    advice = Advice(messages=(found,), sentence=render(found, language()))
    return {"advice": advice.model_dump(mode="json")}


def accepted(request: HttpRequest, run: Run, **more: Any) -> HttpResponse:
    """202: the run is queued, with its addresses; ``more`` are those shown only to its creator."""
    return JsonResponse(where(request, run) | more, status=HTTPStatus.ACCEPTED)


def where(request: HttpRequest, run: Run) -> dict[str, Any]:
    """The addresses of a run."""
    return {
        "id": run.id,
        "url": site_address(request, run.get_absolute_url()),
        "api_url": site_address(request, reverse("api-run", args=[run.id])),
    }
