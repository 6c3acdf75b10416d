"""Live sessions: going live with a revision, ending the session, giving it more time."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from playground.experiments import selectors
from playground.experiments.viewer import viewer_of, with_browser
from playground.i18n.marking import _
from playground.infrastructure.problem_responses import problem_page, refused_page
from playground.infrastructure.site_address import site_address
from playground.pages import access
from playground.pages.starting import to_run
from playground.runs.live import opening
from sandbox_runner.live.callers import NAMED, CallersBy
from sandbox_runner.live.visitors import WISHES

if TYPE_CHECKING:
    from django.http import HttpRequest

    from playground.experiments.models import Revision, Run
    from playground.experiments.viewer import Viewer
    from playground.runs.live.relay import Taken
    from sandbox_runner.live.visitors import Wished

# No experiment has as many revisions, and databases count no further.
_NUMBER_MAX: Final = 10**9
_EXAMPLES_MAX: Final = 2


@require_POST
def go_live(request: HttpRequest, run_id: str) -> HttpResponse:
    """A live session with the code of a run."""
    return opened(request, access.run_or_404(request, run_id).revision)


@require_POST
def go_live_with(request: HttpRequest, experiment_id: str, number: int) -> HttpResponse:
    """A live session with the code of a revision."""
    found = selectors.openable_experiment(experiment_id, viewer_of(request))
    revisions = selectors.revisions_numbered(found, number) if found and number <= _NUMBER_MAX else []
    if not revisions:
        raise Http404
    return opened(request, revisions[0])


def opened(request: HttpRequest, revision: Revision) -> HttpResponse:
    """Go live and lead there, unless too much is open."""
    if refusal := opening.refusal(request):
        return refused_page(request, refusal)
    by = with_browser(viewer_of(request))
    return to_run(opening.go_live(request, revision, by=by).run, by.browser_key)


@require_POST
def end(request: HttpRequest, run_id: str) -> HttpResponse:
    """End the session and prove what came."""
    return _wished(request, run_id, "end")


@require_POST
def extend(request: HttpRequest, run_id: str) -> HttpResponse:
    """Give the session more time."""
    return _wished(request, run_id, "extend")


@require_POST
def step(request: HttpRequest, run_id: str) -> HttpResponse:
    """Have something done that no request does."""
    asked = next((each for each in WISHES if each == request.POST.get("step")), None)
    return _wished(request, run_id, asked, unknown=_("A live session does nothing of that name."))


@require_POST
def callers(request: HttpRequest, run_id: str) -> HttpResponse:
    """Tell callers apart by something else."""
    by, name = request.POST.get("by", ""), request.POST.get("name", "").strip()
    rule = CallersBy.of_text(f"{by}:{name}" if by in NAMED else by)
    unknown = _("Callers are told apart by a header or a query parameter with a name, a token or a connection.")
    return _wished(request, run_id, rule, unknown=unknown)


def _wished(request: HttpRequest, run_id: str, what: Wished | CallersBy | None, unknown: str = "") -> HttpResponse:
    """Pass on what the session's holder wishes; where that is nothing that is known, ``unknown`` says so."""
    run = access.run_or_404(request, run_id, light=True)
    if not hasattr(run, "live_session"):
        raise Http404
    if not opening.is_maker(run, viewer_of(request)):
        sentence = _("Only the browser or the person that opened this session may end it or give it more time.")
        return problem_page(request, HTTPStatus.FORBIDDEN, sentence)
    if what is None:
        return problem_page(request, HTTPStatus.BAD_REQUEST, unknown)
    taken = opening.wish(run.live_session, what)
    if taken != "taken" and not run.is_final:
        messages.info(request, _not_taken(taken))
    return redirect(run)


def _not_taken(why: Taken) -> str:
    if why == "away":
        return _("This did not reach the session, because the broker does not answer; try again in a moment.")
    if why == "full":
        return _("The session has as much waiting as it takes; try again in a moment.")
    return _("No worker holds this session now; it has not begun yet, or it has just ended.")


def reached(request: HttpRequest, run: Run, viewer: Viewer) -> dict[str, object] | None:
    """Where the session of ``run`` is reached and what to type, for whoever opened it."""
    if not hasattr(run, "live_session") or run.is_final or not opening.is_maker(run, viewer):
        return None
    url = site_address(request, f"/live/{run.live_session.address}/")
    scenario = run.revision.scenario
    name = next(iter(scenario.functions))
    return {
        "url": url,
        "may_fail": not any(scenario.settings_of(each).concurrency_per_environment for each in scenario.functions),
        "lines": "\n".join(f"curl '{url}{query}'" for query in _queries(run)),
        "environment": "\n".join(
            (
                f"export AWS_ENDPOINT_URL_LAMBDA={url}aws AWS_DEFAULT_REGION=us-east-1",
                "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
                f"aws lambda invoke --function-name {name} --payload '{{}}' answer.json",
            )
        ),
    }


def _queries(run: Run) -> list[str]:
    """Those of the first requests that the scenario has, where it has some."""
    found = []
    for _index, _principal, request in run.revision.scenario.requests():
        payload = request.payload if isinstance(request.payload, dict) else {}
        query = payload.get("queryStringParameters")
        if isinstance(query, dict) and query:
            found.append("?" + urlencode({name: str(value) for name, value in query.items()}))
    distinct = list(dict.fromkeys(found))[:_EXAMPLES_MAX]
    return distinct if len(distinct) == _EXAMPLES_MAX else ["?message=hoge", "?message=fuga"]
