"""What a session can be asked: its function's URL, and below ``/aws`` Lambda's API for SDKs and the AWS CLI."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer, AwsRequest
from sandbox_runner.account.lambda_api import Invoked
from sandbox_runner.environment import identity
from sandbox_runner.live import concurrency_api, cors, function_url, update_api
from sandbox_runner.live.deployed import Deployed
from sandbox_runner.live.function_catalogue import described
from sandbox_runner.live.function_url import Told
from sandbox_runner.live.http import HttpAnswer
from sandbox_runner.live.streamed import AtOnce, ByEvents, ByUrl
from sandbox_runner.projections.log import log_entries, log_tail
from sandbox_runner.projections.log_levels import LogSettings
from sandbox_runner.scenario.request import Request
from sandbox_runner.service.admission import STATUS_CODE, Throttle

if TYPE_CHECKING:
    from sandbox_runner.account.lambda_api import Invocation
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.live.changes import Change
    from sandbox_runner.live.streamed import Telling
    from sandbox_runner.live.visitors import Visit
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import Served

API: Final = "/aws"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a function, and what tells its client what comes of it."""

    request: Request
    telling: Telling


class Fronts:
    """Reads what visitors send to a session with the functions of ``scenario``.

    :ivar deployed: the functions as they are now.
    """

    def __init__(self, scenario: Scenario, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._host = function_url.host_of(uuid.uuid4().hex)
        self.deployed = Deployed.of(scenario, self._written_now())

    def read(self, visit: Visit) -> Asked | Change | HttpAnswer:
        """What is asked, or the answer where no function is."""
        path = visit.request.path
        return self._of_api(visit) if path == API or path.startswith(f"{API}/") else self._of_url(visit)

    # --- the function's URL ---------------------------------------------------------------------------------------

    def _of_url(self, visit: Visit) -> Asked | HttpAnswer:
        """The request as the service makes it, one that is too large as its size alone; the answer to a preflight."""
        settings = self.deployed.at_url.url
        rule = settings.cors if settings else None
        if (answer := cors.preflight(visit.request, rule)) is not None:
            return answer
        told = Told(
            request_id=str(uuid.uuid4()),
            trace=identity.trace_header(self._clock.epoch_ms(), uuid.uuid4().hex + uuid.uuid4().hex),
            at=self._now(),
            host=self._host,
        )
        fields = {"function": self.deployed.first, "as": visit.caller or None}
        request = Request.model_validate({**fields, "payload": function_url.payload_of(visit.request, told)})
        size = len(request.payload_text.encode())
        if size > limits.REQUEST_BYTES_MAX:
            shown = min(size, limits.MADE_PAYLOAD_BYTES_MAX)
            request = Request.model_validate({**fields, "payload_bytes": shown})
        return Asked(request, ByUrl(lambda served: _url_answer(served, size), cors.headers(visit.request, rule)))

    def _written_now(self) -> str:
        return f"{self._now():%Y-%m-%dT%H:%M:%S.000+0000}"

    def _now(self) -> datetime:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self._clock.epoch_ms())

    # --- Lambda's API ---------------------------------------------------------------------------------------------

    def _of_api(self, visit: Visit) -> Asked | Change | HttpAnswer:
        sent = visit.request
        target = sent.path.removeprefix(API) + (f"?{sent.query}" if sent.query else "")
        request = AwsRequest(sent.method, target, sent.headers, sent.body)
        if (told := described(request, self.deployed)) is not None:
            return http(told)
        for api in (concurrency_api, update_api):
            if (changed := api.asked(request, self.deployed, self._written_now())) is not None:
                return http(changed) if isinstance(changed, AwsAnswer) else changed
        asked = lambda_api.invocation_of(request, self.deployed.names, streams=True)
        if isinstance(asked, AwsAnswer):
            return http(asked)
        if asked.type == "DryRun":
            return http(lambda_api.answer_of(Invoked(204)))
        fields = {
            "function": self.deployed.recorded(asked.function),
            "as": visit.caller or None,
            "type": "event" if asked.type == "Event" else "sync",
            "payload": json.loads(asked.payload),
            "client_context": asked.client_context,
        }
        return Asked(Request.model_validate(fields), self._telling(asked))

    def _telling(self, asked: Invocation) -> Telling:
        scenario = self.deployed.scenario

        def answer(served: Served) -> HttpAnswer:
            return http(lambda_api.answer_of(invoked(scenario, self._log, asked, served)))

        def log(served: Served) -> str | None:
            return _tail(scenario, self._log, served.request_id) if asked.wants_log else None

        return ByEvents(answer, log) if asked.is_streamed else AtOnce(answer)


def _url_answer(served: Served, size: int) -> HttpAnswer:
    if served.came is None:
        return function_url.too_large(size, limits.REQUEST_BYTES_MAX)
    answer = function_url.answer_of(served.came)
    return HttpAnswer(answer.status, (*answer.headers, ("x-amzn-requestid", served.request_id)), answer.body)


def http(answer: AwsAnswer) -> HttpAnswer:
    """The same answer, to be sent."""
    return HttpAnswer(answer.status, answer.headers, answer.body)


def invoked(scenario: Scenario, log: EventLog, asked: Invocation, served: Served) -> Invoked:
    """What Lambda's API tells of an invocation that was asked for."""
    came = served.came
    if came is None:
        return Invoked(202, served.request_id)
    if isinstance(came, Throttle):
        return Invoked(STATUS_CODE, served.request_id, came.body.encode(), error_type=lambda_api.THROTTLED)
    tail = _tail(scenario, log, served.request_id) if asked.wants_log else None
    return Invoked(200, served.request_id, came.body, came.function_error, tail)


def _tail(scenario: Scenario, log: EventLog, request_id: str) -> str:
    settings = {name: LogSettings.of(each) for name, each in scenario.functions.items()}
    lines = log_entries(log.events, settings)
    return log_tail(each.line for each in lines if each.request_id == request_id)
