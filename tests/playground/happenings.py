"""Event logs of what happens around environments; each function varies what one test is about."""

from __future__ import annotations

from sandbox_runner.events import records as log
from sandbox_runner.events.records import Event
from sandbox_runner.messages import say
from tests.playground.run_results import environment, invocation, span

MS = 1_000


def at(ms, record, *, request=None, where=None):
    """An event ``ms`` milliseconds into the run."""
    request_id = invocation(request).request_id if request else None
    return Event(seq=1, at_us=ms * MS, service_at_us=ms * MS, environment=where, request_id=request_id, record=record)


def arrived(ms, index, kind="sync"):
    principal = invocation(index).principal
    record = log.RequestArrived(index=index, principal=principal, payload="{}", payload_bytes=2, invocation_type=kind)
    return at(ms, record, request=index)


def assigned(ms, index, where="env-1", attempt=1):
    return at(ms, log.RequestAssigned(index=index, attempt=attempt, start="warm"), request=index, where=where)


def throttled(ms, index):
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    return at(ms, log.RequestThrottled(index=index, reason=reason, body="{}"), request=index)


def refused(ms, index):
    record = log.RequestRefused(index=index, status_code=413, error_type="RequestTooLargeException", body="{}")
    return at(ms, record, request=index)


def queued(ms, index, attempt=1, delay_s=0.0, why="accepted"):
    return at(ms, log.RequestQueued(index=index, attempt=attempt, delay_s=delay_s, why=why), request=index)


def waited(ms, seconds, run_seconds):
    return at(ms, log.ServiceWaited(seconds=seconds, run_seconds=run_seconds, why="idle"))


def peer(ms, what, connection=1, text="", where="env-1"):
    record = log.PeerEvent(peer="backend", connection=connection, what=what, bytes=len(text), text=text)
    return at(ms, record, where=where)


def late(started_by, ran_in, kind="thread"):
    record = log.LateWork(
        started_by=started_by,
        ran_in=ran_in,
        kind=kind,
        text="late line",
        evidence=say("replay-shows-work", work=kind, request=started_by),
    )
    return at(9_000, record, where="env-1")


def life(*spans, name="env-1", **fields):
    """An environment with spans as (phase, start in ms, end in ms, index of its request)."""
    made = environment(name, tuple(span(p, start * MS, end * MS, of) for p, start, end, of in spans))
    return made.model_copy(update=fields)


RETRIED = (
    arrived(1, 1, "event"),
    queued(1, 1),
    assigned(1, 1),
    queued(60, 1, attempt=2, delay_s=60, why="retry"),
    waited(1_060, 60, 1),
    assigned(1_060, 1, attempt=2),
)
RETRIED_LIFE = life(
    ("init", 2, 40, None),
    ("invoke", 41, 60, 1),
    ("frozen", 60, 1_060, None),
    ("invoke", 1_061, 1_080, 1),
    ("shutdown", 1_081, 1_081, None),
)
RETRIED_ROWS = (
    invocation(1, outcome="function-error", invocation_type="event"),
    invocation(1, attempt=2, start="warm", invocation_type="event"),
)


def step(publisher, seq):
    """One more step of a run begins, and is said at once."""
    record = log.StepStarted(index=seq, what=say("step-recycle-all", function=""))
    publisher.add(Event(seq=seq, at_us=seq, service_at_us=seq, record=record))
    publisher.flush()
