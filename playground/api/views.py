"""Version 1 of the API: submit a scenario, ask for its run. Anonymous; an id is the key to what it names."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from playground.experiments import queries, submission, throttling
from playground.experiments.json_text import JsonTextError, read_json
from playground.problems import problem_json, refused_json
from sandbox_runner.errors import ScenarioError
from sandbox_runner.results import RunResult
from sandbox_runner.scenario import Scenario
from sandbox_runner.scenario_text import parse_scenario, read_scenario

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pydantic import BaseModel

    from playground.experiments.models import Run

_SCHEMAS: Final[dict[str, type[BaseModel]]] = {"scenario": Scenario, "result": RunResult}


# No cookie speaks for anybody here, so there is nothing to forge.
@csrf_exempt
def runs(request: HttpRequest) -> JsonResponse:
    """POST ``{"scenario": …}`` (a mapping, or its YAML or JSON as one text): 202 with where to ask for the run."""
    if request.method != "POST":
        refused = problem_json(HTTPStatus.METHOD_NOT_ALLOWED, 'POST {"scenario": …} here to start a run.')
        refused.headers["Allow"] = "POST"
        return refused
    try:
        scenario = _scenario(request.body)
    except JsonTextError as error:
        return problem_json(HTTPStatus.BAD_REQUEST, f"The body {error}.", line=error.line, column=error.column)
    except ScenarioError as error:
        where = {"field": f"scenario.{error.field}".rstrip("."), "line": error.line, "column": error.column}
        return problem_json(HTTPStatus.UNPROCESSABLE_ENTITY, error.problem, **where)
    if refusal := throttling.refusal(request):
        return refused_json(refusal)
    run = submission.submit(scenario)
    return JsonResponse(_where(request, run), status=HTTPStatus.ACCEPTED)


@never_cache
@require_safe
def run(request: HttpRequest, run_id: str) -> JsonResponse:
    """Where a run stands; ``result`` is null until it is finished."""
    found = queries.run_with_scenario(run_id)
    if found is None:
        return problem_json(HTTPStatus.NOT_FOUND, "There is no run of that id.")
    failure = {"reference": found.failure_reference, "sentence": found.failure_sentence}
    state = {
        "status": found.status,
        "failure": failure if found.failure_sentence else None,
        "result": found.result_json,
    }
    return JsonResponse(_where(request, found) | state)


@require_safe
def schema(request: HttpRequest, name: str) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """The JSON Schema of ``scenario`` or ``result``."""
    if name not in _SCHEMAS:
        return problem_json(HTTPStatus.NOT_FOUND, f"There is no such schema; there are {' and '.join(_SCHEMAS)}.")
    return JsonResponse(_SCHEMAS[name].model_json_schema())


def _scenario(body: bytes) -> Scenario:
    try:
        sent = read_json(body.decode())
    except UnicodeDecodeError:
        raise JsonTextError("is not UTF-8") from None
    if not isinstance(sent, dict) or "scenario" not in sent:
        raise ScenarioError('The scenario is missing; send {"scenario": …}.')
    if unknown := sorted(set(sent) - {"scenario"}):
        raise ScenarioError(f"The body has the unknown key {unknown[0][:40]!r}; it has one, scenario.")
    written = sent["scenario"]
    return read_scenario(written) if isinstance(written, str) else parse_scenario(written)


def _where(request: HttpRequest, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "url": request.build_absolute_uri(run.get_absolute_url()),
        "api_url": request.build_absolute_uri(reverse("api-run", args=[run.id])),
    }
