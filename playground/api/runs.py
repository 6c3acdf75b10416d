"""Runs: start one, see where it stands, end it, watch it.

Annotations are read while the program runs: they say what an address and a body hold.
"""

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Router

from playground.api.answers import Accepted, RunState, told
from playground.api.bodies import ScenarioOrItsText, Sent, scenario_of
from playground.api.callers import count_one
from playground.api.refusals import none_such
from playground.experiments import queries, submission
from playground.experiments.models import Run

router = Router(tags=["runs"])


class RunIn(Sent):
    """What is to be played."""

    example: ClassVar[str] = '{"scenario": …}'
    first_field: ClassVar[str] = "scenario"

    scenario: ScenarioOrItsText


@router.post("runs", response=told({202: Accepted}, 400, 413, 422, 429), url_name="api-runs", operation_id="start_run")
def start(request: HttpRequest, sent: RunIn) -> HttpResponse:
    """Play a scenario, given as a mapping or as the YAML or JSON text of its file."""
    scenario = scenario_of(sent.scenario)
    count_one(request)
    return accepted(request, submission.submit(scenario))


@router.get("runs/{slug:run_id}", response=told({200: RunState}, 404), url_name="api-run", operation_id="read_run")
def read(request: HttpRequest, run_id: str) -> HttpResponse:
    """Where a run stands, and its result once it is finished."""
    found = queries.run_with_scenario(run_id)
    if found is None:
        raise none_such("run")
    failure = {"reference": found.failure_reference, "sentence": found.failure_sentence}
    state = {
        "status": found.status,
        "failure": failure if found.failure_sentence else None,
        "result": found.result_json,
    }
    return JsonResponse(where(request, found) | state, headers={"Cache-Control": "no-store"})


def accepted(request: HttpRequest, run: Run) -> HttpResponse:
    """202: the run waits, and these are its addresses."""
    return JsonResponse(where(request, run), status=HTTPStatus.ACCEPTED)


def where(request: HttpRequest, run: Run) -> dict[str, Any]:
    """The addresses of a run."""
    return {
        "id": run.id,
        "url": request.build_absolute_uri(run.get_absolute_url()),
        "api_url": request.build_absolute_uri(reverse("api-run", args=[run.id])),
    }
