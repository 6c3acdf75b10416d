"""Lambda's API as it reads and changes the concurrency of a session's functions.

https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html,
https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html and the pages of the operations
that read and delete both. Texts of errors are those of localstack/localstack, localstack/services/lambda_/provider.py.

A published version or an alias has provisioned concurrency on Lambda. Here is neither, so unpublished code has it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.live.changes import Change
from sandbox_runner.live.deployed import Provisioned
from sandbox_runner.scenario.service_steps import ProvisionStep, ReserveStep

if TYPE_CHECKING:
    from sandbox_runner.account.base import AwsRequest
    from sandbox_runner.live.deployed import Deployed

_PATH: Final = re.compile(
    r"/(?P<version>2017-10-31|2019-09-30)/functions/(?P<name>[^/?]{1,200})"
    r"/(?P<what>concurrency|provisioned-concurrency)/?(?:\?(?P<query>.*))?"
)
_RESERVED: Final = "ReservedConcurrentExecutions"
_PROVISIONED: Final = "ProvisionedConcurrentExecutions"


def asked(request: AwsRequest, deployed: Deployed, now: str) -> Change | AwsAnswer | None:
    """What a request for a function's concurrency comes to; ``None`` for any other request.

    :param now: in ISO 8601.
    """
    found = _PATH.fullmatch(request.target)
    answer = found and _OPERATIONS.get((request.method, found["version"], found["what"]))
    if not found or not answer:
        return None
    name = lambda_api.function_named(unquote(found["name"]), found["query"] or "", deployed.names)
    return name if isinstance(name, AwsAnswer) else answer(request, name, deployed, now)


def _reserve(request: AwsRequest, name: str, deployed: Deployed, _: str) -> Change | AwsAnswer:
    count = _whole(request.body, _RESERVED, 0)
    if isinstance(count, AwsAnswer):
        return count
    others = sum(each for other, each in deployed.reserved.items() if other != name)
    if others + count > limits.ACCOUNT_CONCURRENCY - limits.UNRESERVED_CONCURRENCY_MIN:
        return _invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{limits.UNRESERVED_CONCURRENCY_MIN}]."
        )
    provisioned = deployed.provisioned.get(name)
    if provisioned is not None and count < provisioned.count:
        return _invalid(
            f"ReservedConcurrentExecutions  {count} should not be lower than function's total provisioned concurrency "
            f"[{provisioned.count}]."
        )
    step = ReserveStep(reserve=count, function=deployed.recorded(name))
    after = replace(deployed, reserved={**deployed.reserved, name: count})
    return Change((step,), _told({_RESERVED: count}), after)


def _reserve_none(_: AwsRequest, name: str, deployed: Deployed, __: str) -> Change | AwsAnswer:
    if name not in deployed.reserved:
        return AwsAnswer(204, (), b"")
    after = replace(deployed, reserved={other: each for other, each in deployed.reserved.items() if other != name})
    step = ReserveStep(reserve=None, function=deployed.recorded(name))
    return Change((step,), AwsAnswer(204, (), b""), after)


def _say_reserved(_: AwsRequest, name: str, deployed: Deployed, __: str) -> AwsAnswer:
    count = deployed.reserved.get(name)
    return _told({} if count is None else {_RESERVED: count})


def _provision(request: AwsRequest, name: str, deployed: Deployed, now: str) -> Change | AwsAnswer:
    count = _whole(request.body, _PROVISIONED, 1)
    if isinstance(count, AwsAnswer):
        return count
    if count > deployed.reserved.get(name, count):
        return _invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )
    if count > limits.CONCURRENT_MAX:
        return _invalid(f"Holdover keeps at most {limits.CONCURRENT_MAX} environments provisioned")
    provisioned = Provisioned(count, now)
    step = ProvisionStep(provision=count, function=deployed.recorded(name))
    after = replace(deployed, provisioned={**deployed.provisioned, name: provisioned})
    return Change((step,), _told(_configuration(provisioned, "IN_PROGRESS", there=0), 202), after)


def _provision_none(_: AwsRequest, name: str, deployed: Deployed, __: str) -> Change | AwsAnswer:
    if name not in deployed.provisioned:
        return AwsAnswer(204, (), b"")
    left = {other: each for other, each in deployed.provisioned.items() if other != name}
    step = ProvisionStep(provision=0, function=deployed.recorded(name))
    return Change((step,), AwsAnswer(204, (), b""), replace(deployed, provisioned=left))


def _say_provisioned(_: AwsRequest, name: str, deployed: Deployed, __: str) -> AwsAnswer:
    provisioned = deployed.provisioned.get(name)
    if provisioned is None:
        said = "No Provisioned Concurrency Config found for this function"
        return lambda_api.refusal(404, "ProvisionedConcurrencyConfigNotFoundException", said)
    return _told(_configuration(provisioned, "READY", there=provisioned.count))


_OPERATIONS: Final = {
    ("PUT", "2017-10-31", "concurrency"): _reserve,
    ("DELETE", "2017-10-31", "concurrency"): _reserve_none,
    ("GET", "2019-09-30", "concurrency"): _say_reserved,
    ("PUT", "2019-09-30", "provisioned-concurrency"): _provision,
    ("DELETE", "2019-09-30", "provisioned-concurrency"): _provision_none,
    ("GET", "2019-09-30", "provisioned-concurrency"): _say_provisioned,
}


def _configuration(provisioned: Provisioned, status: str, *, there: int) -> dict[str, Any]:
    return {
        f"Requested{_PROVISIONED}": provisioned.count,
        f"Available{_PROVISIONED}": there,
        f"Allocated{_PROVISIONED}": there,
        "Status": status,
        "LastModified": provisioned.since,
    }


def _whole(body: bytes, field: str, least: int) -> int | AwsAnswer:
    """The whole number of that name in a body, or the refusal."""
    try:
        said = json.loads(body)
        count = said.get(field)
    except (ValueError, RecursionError, AttributeError):
        return lambda_api.refusal(400, "SerializationException", "Could not parse request body into json")
    if isinstance(count, int) and not isinstance(count, bool) and count >= least:
        return count
    shown, name = json.dumps(count)[:100], field[0].lower() + field[1:]
    said = (
        f"1 validation error detected: Value '{shown}' at '{name}' failed to satisfy constraint: "
        f"Member must have value greater than or equal to {least}"
    )
    return lambda_api.refusal(400, "ValidationException", said)


def _invalid(said: str) -> AwsAnswer:
    return lambda_api.refusal(400, "InvalidParameterValueException", said)


def _told(told: dict[str, Any], status: int = 200) -> AwsAnswer:
    return AwsAnswer(status, (("content-type", "application/json"),), json.dumps(told).encode())
