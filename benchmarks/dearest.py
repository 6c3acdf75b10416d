"""The dearest input that every address may have, and what a request then costs. Imported once Django is set up."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from playground.experiments.models import Experiment, Run
from playground.experiments.stored_json import pack
from playground.experiments.viewer import viewer_for
from playground.runs import submission
from sandbox_runner.limits import FILE_BYTES_MAX, FILES_MAX, RUN_LOG_BYTES_MAX
from tests.builders import scenario
from tests.hostile_web.addresses import OURS
from tests.playground.pages.test_views import FORM
from tests.playground.people import signed_in
from tests.playground.run_results import leak, log_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from sandbox_runner.scenario.model import Scenario
    from tests.hostile_web.addresses import Address
    from tests.playground.pages.walk_world import World

# What nobody measures here: a stream that goes on, and probes that wait for workers.
_LEFT_OUT: Final = {"run-events", "api-run-events", "readyz", "healthz", "account_logout"}
_LOG_LINE: Final = "\u202e\u3042" * 20
_REVISIONS: Final = 21


def crafted(unique: str) -> Scenario:
    """Files with no line in common that occurs once, as many and as long as a function may have."""
    middle = "".join(f"c{at % 50}\n{unique}{at}\n" for at in range(1_500))
    files = {f"f{number}.py": f"{unique}\n{middle}{unique}!\n" for number in range(FILES_MAX - 1)}
    return scenario(files={"app.py": "\n" * (FILE_BYTES_MAX - 1)} | files)


def make_dear(world: World) -> None:
    """Let the first experiment of ``world`` have as many revisions as a page shows, and runs with the longest log."""
    kept = world.kept[0]
    by, parent = viewer_for(world.people["maker"]), kept.revision
    for number in range(_REVISIONS):
        parent = submission.submit(crafted("uvw"[number % 3] + str(number)), by=by, parent=parent).revision
    lines = RUN_LOG_BYTES_MAX // len(_LOG_LINE.encode())
    result = leak(scenario=crafted("u"), log=tuple(log_entry(_LOG_LINE, 1) for _ in range(lines)))
    blob = pack(result.to_json())
    Run.objects.filter(pk=kept.run.pk).update(result_blob=blob)
    Experiment.objects.filter(pk=kept.experiment.pk).update(description="*a* `b` [c](d)\n" * 1_300)


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
    size = 0 if answer.streaming else len(answer.content)
    took_s = time.process_time() - began_s
    return {"method": method, "route": one.route, "status": answer.status_code, "seconds": took_s, "size": size}
