"""The web half: opens a session, ends it, gives it more time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.experiments.stored_json import digest
from playground.experiments.viewer import STRANGER
from playground.infrastructure.clients import client_of
from playground.infrastructure.metrics import TALLY, THROTTLED
from playground.infrastructure.problem_responses import Refusal
from playground.infrastructure.redis_client import redis
from playground.runs import throttling
from playground.runs.live import relay
from playground.runs.submission import play_again
from sandbox_runner.live.callers import CallersBy

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.models import Revision
    from playground.experiments.viewer import Viewer
    from playground.runs.live.relay import Taken
    from sandbox_runner.live.visitors import Wished

# Those that hold environments; one that is being proven does not.
_OPEN: Final = (Status.QUEUED, Status.RUNNING)
_AGAIN_S: Final = 60


def refusal(request: HttpRequest, counted_as: str = "") -> Refusal | None:
    """Why no session is opened for this client now, or None.

    :param counted_as: what to count by instead of the client's address: a token.
    """
    here = LiveSession.objects.filter(run__status__in=_OPEN)
    if here.count() >= settings.HOLDOVER.live_sessions_max:
        TALLY.count(THROTTLED, "sessions")
        sentence = _("%(most)d live sessions are open here, which is as many as may; try again in a minute.")
        return Refusal(sentence % {"most": settings.HOLDOVER.live_sessions_max}, _AGAIN_S)
    most = settings.HOLDOVER.live_sessions_per_client
    if here.filter(client=_counted(request, counted_as)).count() >= most:
        TALLY.count(THROTTLED, "sessions")
        sentence = _("You have %(most)d live sessions open already, which is as many as may; end one of them first.")
        return Refusal(sentence % {"most": most}, _AGAIN_S)
    return throttling.refusal(request, counted_as)


def go_live(request: HttpRequest, revision: Revision, *, by: Viewer = STRANGER, counted_as: str = "") -> LiveSession:
    """Store a queued run of ``revision`` whose requests come from outside."""
    with transaction.atomic():
        run = play_again(revision, by=by)
        return LiveSession.objects.create(run=run, client=_counted(request, counted_as))


def _counted(request: HttpRequest, counted_as: str) -> str:
    return digest([settings.SECRET_KEY, counted_as or client_of(request)])


def is_maker(run: Run, viewer: Viewer) -> bool:
    """Whether ``viewer`` opened the session of ``run``: only they see its address, end it and give it more time."""
    if run.owner_id is not None:
        return run.owner_id == viewer.user_id
    return bool(run.browser_key) and run.browser_key == viewer.browser_key


def wish(session: LiveSession, what: Wished | CallersBy) -> Taken:
    """Tell the worker that holds the session; ``away`` where the broker does not answer."""
    told = f"{relay.CALLERS}{what}" if isinstance(what, CallersBy) else what
    try:
        return relay.send(redis(), session.address, relay.Message(wish=told))
    except RedisError:
        return "away"
