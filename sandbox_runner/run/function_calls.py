"""What the functions of a run get that call each other: Lambda's API over the service of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.account.lambda_api import Invoked
from sandbox_runner.live.fronts import invoked

if TYPE_CHECKING:
    from sandbox_runner.account.base import AwsRequest
    from sandbox_runner.environment.guest_link import Serving
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import CalledRequests


class FunctionCalls:
    """Answers requests to Lambda's API.

    :param called: what serves the invocations.
    """

    def __init__(self, scenario: Scenario, log: EventLog, called: CalledRequests) -> None:
        self._scenario = scenario
        self._log = log
        self._called = called

    async def answer(self, request: AwsRequest, serving: Serving | None) -> AwsAnswer:
        """The answer to a request.

        :param serving: the request that the calling function serves; ``None`` in its init.
        :raises OurFailure: a sandbox failed.
        """
        asked = lambda_api.invocation_of(request, self._scenario.functions)
        if isinstance(asked, AwsAnswer):
            return asked
        called_by = serving.index if serving else 0
        if asked.type == "DryRun":
            return lambda_api.answer_of(Invoked(204))
        if asked.type == "RequestResponse" and self._called.is_loop(called_by, asked.function):
            return lambda_api.loop_stopped(asked.function)
        if self._called.left <= 0:
            said = (
                f"Holdover plays {limits.CALLED_REQUESTS_MAX} invocations by functions in a run, and this is one more"
            )
            return lambda_api.refusal(400, "LimitExceededException", said)
        served = await self._called.serve(
            asked.function, asked.payload, called_by=called_by, asynchronous=asked.type == "Event"
        )
        return lambda_api.answer_of(invoked(self._scenario, self._log, asked, served))
