"""What SNS, S3 and EventBridge send to functions: each event is an asynchronous invocation that the service makes.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html; nobody asks whether a service may invoke a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer, Operation
from sandbox_runner.events.records import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.account.base import Origin, Pushed
    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import CalledRequests


class ServiceEvents:
    """Has functions invoked with what services send them. What Lambda has against one of them is recorded."""

    def __init__(self, scenario: Scenario, account: RunAccount, called: CalledRequests) -> None:
        self._scenario = scenario
        self._account = account
        self._called = called

    def take(self, pushed: Sequence[Pushed], origin: Origin) -> None:
        """Accept each, for whoever made the call that led to it."""
        for each in pushed:
            function = lambda_api.function_named(each.function, "", self._scenario.functions)
            if isinstance(function, AwsAnswer):
                self._refuse(each, origin, function)
            elif each.payload is None or self._called.left <= 0:
                self._refuse(each, origin, _too_many())
            elif problem := lambda_api.body_problem(each.payload, "Event"):
                self._refuse(each, origin, problem)
            else:
                cause = Cause(kind=each.source, name=each.name, request=origin.index)
                principal = None if origin.index else origin.principal
                self._called.accept(function, each.payload, cause, principal=principal)

    def _refuse(self, one: Pushed, origin: Origin, answer: AwsAnswer) -> None:
        invocation = Operation("lambda", "Invoke", {"FunctionName": one.function, "InvocationType": "Event"})
        self._account.note_call(one.source, origin.request_id, invocation, answer)


def _too_many() -> AwsAnswer:
    said = f"Holdover plays {limits.CALLED_REQUESTS_MAX} such invocations in a run, and this is one more"
    return lambda_api.refusal(400, "LimitExceededException", said)
