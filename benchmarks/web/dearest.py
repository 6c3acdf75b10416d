"""The dearest input that every address may have, and what a request then costs. Imported once Django is set up."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.models import Experiment, Run
from playground.experiments.stored_json import pack
from playground.experiments.viewer import viewer_for
from playground.runs import submission
from sandbox_runner.events.kept_answers import KeptAnswers
from sandbox_runner.events.records import Event, RequestAnswered, RequestArrived, StateCaptured, StateLeaf
from sandbox_runner.limits import FILE_BYTES_MAX, FILES_MAX, RUN_LOG_BYTES_MAX, SCENARIO_BYTES_MAX
from sandbox_runner.results.model import Span
from tests.builders import scenario
from tests.hostile_web.addresses import OURS
from tests.playground.pages.test_views import FORM
from tests.playground.people import signed_in
from tests.playground.run_results import environment, invocation, leak, log_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.test import Client

    from sandbox_runner.results.model import EnvironmentResult, InvocationResult, RunResult
    from sandbox_runner.scenario.model import Scenario
    from tests.hostile_web.addresses import Address
    from tests.playground.pages.walk_world import World

# What nobody measures here: a stream that goes on, and probes that wait for workers.
_LEFT_OUT: Final = {"run-events", "api-run-events", "readyz", "healthz", "account_logout"}
_LOG_LINE: Final = "\u202e\u3042" * 20
_REVISIONS: Final = 21
# Of a run of 200 steps with a hundred requests each, as many as five minutes hold.
_REQUESTS: Final = 3_000
# So many fill a scenario, all payloads together.
_LINES_OF_A_PAYLOAD: Final = SCENARIO_BYTES_MAX // _REQUESTS // len(json.dumps(_LOG_LINE))
_ENVIRONMENTS: Final = 100
_MOMENTS: Final = 200
_PLACES: Final = 500


def crafted(unique: str) -> Scenario:
    """Files with no line in common that occurs once, as many and as long as a function may have."""
    middle = "".join(f"c{at % 50}\n{unique}{at}\n" for at in range(1_500))
    files = {f"f{number}.py": f"{unique}\n{middle}{unique}!\n" for number in range(FILES_MAX - 1)}
    return scenario(files={"app.py": "\n" * (FILE_BYTES_MAX - 1)} | files)


def make_dear(world: World) -> None:
    """Let the first experiment of ``world`` have as many revisions as a page shows, and a run with much of all."""
    kept = world.kept[0]
    by, parent = viewer_for(world.people["maker"]), kept.revision
    for number in range(_REVISIONS):
        parent = submission.submit(crafted("uvw"[number % 3] + str(number)), by=by, parent=parent).revision
    blob = pack(dear_result().to_json())
    Run.objects.filter(pk=kept.run.pk).update(result_blob=blob)
    Experiment.objects.filter(pk=kept.experiment.pk).update(description="*a* `b` [c](d)\n" * 1_300)


def dear_result() -> RunResult:
    """What a run may have that is to cost its readers much: requests, log and state, full of hidden characters."""
    kept = KeptAnswers()
    asked = tuple(_request(number, kept) for number in range(1, _REQUESTS + 1))
    lines = RUN_LOG_BYTES_MAX // len(_LOG_LINE.encode())
    return leak(
        scenario=crafted("u"),
        invocations=asked,
        environments=tuple(_environment(number, asked) for number in range(_ENVIRONMENTS)),
        events=(*map(_captured, range(_MOMENTS)), *map(_arrived, asked)),
        log=tuple(log_entry(_LOG_LINE, 1) for _ in range(lines)),
    )


def _request(number: int, kept: KeptAnswers) -> InvocationResult:
    """With its part of the scenario's bytes as its payload, and as much of its answer as a run keeps of so many."""
    response = json.dumps(list(range(3_000)))
    answered = kept.fitted(
        RequestAnswered(
            index=number, attempt=1, status_code=200, response=response, response_bytes=len(response), outcome="success"
        )
    )
    return invocation(
        number,
        request_id=f"8f5c1c1e-0000-4000-8000-{number:012}",
        environment=f"env-{number % _ENVIRONMENTS}",
        payload=json.dumps({"text": _LOG_LINE * _LINES_OF_A_PAYLOAD}),
        response=answered.response,
        arrived_us=number * 1_000,
        answered_us=number * 1_000 + 500,
        log=(_LOG_LINE,) * 20,
    )


def _environment(number: int, asked: Sequence[InvocationResult]) -> EnvironmentResult:
    own = [one for one in asked if one.environment == f"env-{number}"]
    spans = (Span(phase="invoke", start_us=one.arrived_us, end_us=one.arrived_us + 500) for one in own)
    named = (span.model_copy(update={"request_id": one.request_id}) for span, one in zip(spans, own, strict=True))
    return environment(f"env-{number}", tuple(named))


def _captured(number: int) -> Event:
    leaves = tuple(
        StateLeaf(
            root="node-module", carrier=f"app.c{at}", path=f"app.c{at}.x", kind="string", value=f"{number}{at}" * 20
        )
        for at in range(_PLACES)
    )
    state = StateCaptured(after_index=number, leaves=leaves, nodes=_PLACES, truncated=False, took_us=1)
    where = f"env-{number % _ENVIRONMENTS}"
    return Event(seq=number + 1, at_us=number, service_at_us=number, environment=where, record=state)


def _arrived(one: InvocationResult) -> Event:
    said = RequestArrived(index=one.index, principal=one.principal, payload=one.payload, payload_bytes=len(one.payload))
    at_us = one.arrived_us
    return Event(seq=1_000 + one.index, at_us=at_us, service_at_us=at_us, request_id=one.request_id, record=said)


def rows(world: World) -> Iterator[dict[str, Any]]:
    """One for each address and method."""
    browser = signed_in(world.people["maker"])
    browser.raise_request_exception = False
    for one in OURS:
        if one.name not in _LEFT_OUT:
            where = one.of(world, world.kept[0])
            # The first GET of a revision that is older than summaries makes its summary, once.
            browser.get(where)
            yield measured(one, "GET", browser, where)
            yield measured(one, "POST", browser, where)


def measured(one: Address, method: str, browser: Client, where: str) -> dict[str, Any]:
    """Seconds of processor and bytes of one request."""
    began_s = time.process_time()
    if method == "GET":
        answer = browser.get(where)
    elif one.is_api:
        answer = browser.post(where, json.dumps({"scenario": crafted("api").to_json()}), "application/json")
    else:
        answer = browser.post(where, FORM | {"file_text": ["a = 1\n" * 40_000], "text": "x" * 100_000})
    size = sum(map(len, answer)) if answer.streaming else len(answer.content)
    took_s = time.process_time() - began_s
    return {"method": method, "route": one.route, "status": answer.status_code, "seconds": took_s, "size": size}
