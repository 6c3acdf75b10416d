"""Live sessions: open one, end it, give it more time.

Annotations are read at run time: they define parameters and bodies.
"""

import re
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from playground.api.auth import caller_of, client_behind, viewer_of
from playground.api.error_handlers import Refused, TooMuch, none_such
from playground.api.parsers import scenario_of
from playground.api.runs import RunIn, accepted, advice_on, parent_of
from playground.api.schemas import Accepted, Opened, responses_of_writing
from playground.experiments import claim_links, selectors
from playground.experiments.live_session import LiveSession
from playground.infrastructure.site_address import site_address
from playground.runs import submission
from playground.runs.live import opening
from sandbox_runner.live.visitors import Wished

router = Router(tags=["live sessions"], by_alias=True)
_ADDRESS: Final = re.compile(r"[A-Za-z0-9_-]{32}")


@router.post("sessions", response=responses_of_writing({202: Opened}, 400, 413, 422, 429), url_name="api-sessions")
def open_session(request: HttpRequest, sent: RunIn) -> HttpResponse:
    """Go live with a scenario's functions; its steps are not played.

    `live_url` is the function's URL; it takes requests from the event `session.opened` on, from whoever has it.
    """
    scenario = scenario_of(sent.scenario, client_behind(request))
    parent = parent_of(request, sent.parent)
    counted_as = caller_of(request).counted_as
    if refusal := opening.refusal(request, counted_as):
        raise TooMuch(refusal)
    by = viewer_of(request)
    revision = submission.store(scenario, by=by, parent=parent)
    session = opening.go_live(request, revision, by=by, counted_as=counted_as)
    claim = claim_links.claim_address(revision.experiment)
    more = {"claim_url": site_address(request, claim)} if claim else {}
    live_url = site_address(request, f"/live/{session.address}/")
    return accepted(request, session.run, live_url=live_url, **more, **advice_on(scenario))


@router.post(
    "sessions/{slug:address}/end",
    response=responses_of_writing({202: Accepted}, 404, 409, 503),
    url_name="api-session-end",
)
def end_session(request: HttpRequest, address: str) -> HttpResponse:
    """End a session by what its `live_url` ends in, and prove what came."""
    return _wished(request, address, "end")


@router.post(
    "sessions/{slug:address}/extend",
    response=responses_of_writing({202: Accepted}, 404, 409, 503),
    url_name="api-session-extend",
)
def extend_session(request: HttpRequest, address: str) -> HttpResponse:
    """Give a session another hour, up to four in all."""
    return _wished(request, address, "extend")


def _wished(request: HttpRequest, address: str, what: Wished) -> HttpResponse:
    named = LiveSession.objects.filter(address=address) if _ADDRESS.fullmatch(address) else LiveSession.objects.none()
    session = named.select_related("run").first()
    if session is None or not selectors.may_open_run(session.run_id, viewer_of(request)):
        raise none_such("session")
    run = session.run
    is_nobodys = run.owner_id is None and not run.browser_key
    if not is_nobodys and not opening.is_maker(run, viewer_of(request)):
        raise Refused(HTTPStatus.FORBIDDEN, "Only whoever opened this session may end it or give it more time.")
    taken = opening.wish(session, what)
    if taken in {"away", "full"}:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "This did not reach the session; try again in a moment.")
    if taken != "taken":
        raise Refused(HTTPStatus.CONFLICT, "No worker holds this session now: it has not begun yet, or it has ended.")
    return accepted(request, run)
