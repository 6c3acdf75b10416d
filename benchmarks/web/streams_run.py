"""A run that goes on for as long as somebody listens: stored, then played to its watchers, an event a second.

``python -m benchmarks.web.streams_run`` prints the run's id, and lets the run finish when its standard input ends.
"""

from __future__ import annotations

import os
import select
import sys
from typing import Final

import django

from sandbox_runner.events import Event, StepStarted
from sandbox_runner.messages import say
from sandbox_runner.scenario.reader import read_scenario

EVERY_S: Final = 1.0


def main() -> None:
    """Store it, play it, end it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    from playground.experiments.models import Run, Status  # noqa: PLC0415 - Django is set up only now
    from playground.infrastructure import redis_client  # noqa: PLC0415 - the same
    from playground.runs import submission  # noqa: PLC0415 - the same
    from playground.runs.live_stream import LivePublisher  # noqa: PLC0415 - the same

    function = "{runtime: python3.13, handler: app.handler, files: {app.py: x}}"
    scenario = read_scenario(f"function: {function}\nsteps: [{{invoke: {{payload: 1}}}}]\n")
    run = submission.submit(scenario)
    Run.objects.filter(pk=run.pk).update(status=Status.RUNNING)
    publisher = LivePublisher(redis_client.redis(), run.id, "a-claim")
    publisher.begin()
    print(run.id, flush=True)
    seq = 0
    while not select.select([sys.stdin], [], [], EVERY_S)[0]:
        seq += 1
        record = StepStarted(index=seq, what=say("step-recycle-all", function=""))
        publisher.add(Event(seq=seq, at_us=seq, service_at_us=seq, record=record))
        publisher.flush()
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED)
    publisher.close(Status.FINISHED)


if __name__ == "__main__":
    main()
