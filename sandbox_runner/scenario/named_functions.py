"""Functions that operations of an account name: those that topics, buckets and rules send their events to. Pure.

Only unpublished code is played, so no version and no alias is there:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import say
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.scenario.problem import Problem, nearest_of
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.scenario.model import Scenario

_Path = tuple[str | int, ...]
# A name, a partial ARN or an ARN, each perhaps with a version or an alias.
_FUNCTION: Final = re.compile(
    rf"(?:arn:aws:lambda:{REGION}:)?(?:{ACCOUNT}:)?(?:function:)?(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?"
)
_LATEST: Final = "$LATEST"


def check_targets(scenario: Scenario) -> None:
    """Refuse a topic, a bucket or a rule whose events are for a function that there is not.

    :raises Problem: there is one.
    """
    asked = enumerate(scenario.account.operations() if scenario.account else ())
    operations: list[tuple[_Path, str, Mapping[str, Any]]] = [
        (("account", "resources", number, operation.written), operation.written, parameters)
        for number, (operation, parameters) in asked
    ]
    operations += [
        (("steps", number, "call", step.call.operation.written), step.call.operation.written, step.call.parameters)
        for number, step in enumerate(scenario.steps)
        if isinstance(step, CallStep)
    ]
    for path, written, parameters in operations:
        for place, arn in _named(written, parameters):
            function_of(scenario, arn, (*path, *place))


def function_of(scenario: Scenario, written: str, path: _Path) -> str:
    """The function that a name or an ARN means.

    :raises Problem: it is none of the scenario's, or a version or an alias of one.
    """
    found, known = _FUNCTION.fullmatch(written), list(scenario.functions)
    field = field_name(path)
    if found is None or found["name"] not in scenario.functions:
        name = shown(found["name"] if found else written)
        nearest = nearest_of(name, known)
        said = say("function-unknown", field=field, value=name, nearest=nearest, count=len(known), known=known)
        raise Problem(said, *path)
    if found["qualifier"] not in {None, _LATEST}:
        qualifier = shown(found["qualifier"])
        raise Problem(say("qualifier-not-played", field=field, value=qualifier, function=found["name"]), *path)
    return found["name"]


def named(written: str) -> str:
    """The name in a name or an ARN that was checked."""
    found = _FUNCTION.fullmatch(written)
    assert found is not None  # it was checked when the scenario was read
    return found["name"]


def _named(written: str, asked: Mapping[str, Any]) -> Iterator[tuple[_Path, str]]:
    """The ARNs of functions in an operation, and where they stand."""
    match written:
        case "sns.subscribe":
            if asked.get("Protocol") == "lambda":
                yield ("Endpoint",), str(asked.get("Endpoint", ""))
        case "s3.put_bucket_notification_configuration":
            key = "LambdaFunctionConfigurations"
            for number, each in enumerate(asked.get("NotificationConfiguration", {}).get(key, ())):
                place = ("NotificationConfiguration", key, number, "LambdaFunctionArn")
                yield place, str(each.get("LambdaFunctionArn", ""))
        case "events.put_targets":
            for number, each in enumerate(asked.get("Targets", ())):
                if str(each.get("Arn", "")).startswith("arn:aws:lambda:"):
                    yield ("Targets", number, "Arn"), str(each["Arn"])
        case _:
            pass
