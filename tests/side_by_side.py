"""Scenarios played several at a time, each once, however many tests read its result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from sandbox_runner.run.runner import RunOptions

AT_A_TIME = 3
# Far longer than a person's, so that a busy machine still comes to a verdict; nothing waits for it to pass.
PATIENT = RunOptions(proof_s=120.0)


class SideBySide:
    """Plays what is asked for and, meanwhile, a few of those that will be: a proof waits as long as it works."""

    def __init__(self):
        self._playing = {}
        self._threads = ThreadPoolExecutor(AT_A_TIME)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._threads.shutdown(cancel_futures=True)

    def result(self, engine, scenario, then=()):
        """What a scenario came to on an engine; ``then`` are those that will be asked for next."""
        for each in (scenario, *islice(then, AT_A_TIME - 1)):
            key = engine.backend_name, id(each)
            # The scenario is kept with its result, so that its id stays its own.
            if key not in self._playing:
                self._playing[key] = each, self._threads.submit(engine.run, each, options=PATIENT)
        return self._playing[engine.backend_name, id(scenario)][1].result()


def scenarios_to_come(request, parameter):
    """The scenarios of this test's parameter in the tests that follow it, on the same backend."""
    here = request.node
    following = islice(request.session.items, request.session.items.index(here) + 1, None)
    for item in following:
        if (item.path, getattr(item, "originalname", None)) != (here.path, here.originalname):
            continue
        if item.callspec.params["engine"] == here.callspec.params["engine"]:
            yield item.callspec.params[parameter].scenario
