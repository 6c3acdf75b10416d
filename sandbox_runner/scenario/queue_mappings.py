"""Event source mappings of queues: what ``lambda.create_event_source_mapping`` among an account's resources asks for.

Pure. What may be asked: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import say
from sandbox_runner.scenario.named_functions import function_of
from sandbox_runner.scenario.problem import Problem
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.scenario.account import AccountSettings
    from sandbox_runner.scenario.model import Scenario

MAPPING: Final = "lambda.create_event_source_mapping"

_QUEUE: Final = re.compile(rf"arn:aws:sqs:{REGION}:{ACCOUNT}:(?P<name>[A-Za-z0-9_-]{{1,80}}(?:\.fifo)?)")
_FUNCTION: Final = re.compile(
    rf"(?:arn:aws:lambda:{REGION}:)?(?:{ACCOUNT}:)?(?:function:)?(?P<name>[^:]+)(?::\$LATEST)?"
)
_PLAYED: Final = (
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "ScalingConfig",
)
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class QueueMapping:
    """A queue whose messages are sent to a function, in batches.

    :ivar window_s: how long a batch is gathered.
    :ivar reports_failures: whether the function says which messages of a batch failed.
    :ivar concurrency_max: how many batches may be under way.
    """

    queue: str
    function: str
    batch_size: int = limits.QUEUE_BATCH_DEFAULT
    window_s: int = 0
    reports_failures: bool = False
    concurrency_max: int = limits.QUEUE_CONCURRENCY_DEFAULT

    @property
    def arn(self) -> str:
        """The queue's."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue}"

    @property
    def url(self) -> str:
        """The queue's."""
        return queue_url(self.queue)


def queue_url(name: str) -> str:
    """The URL of a queue of the account's."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def queue_mappings(account: AccountSettings | None) -> tuple[QueueMapping, ...]:
    """Those of a scenario that was read, in their order; one that is not enabled is left out."""
    asked = account.operations() if account is not None else ()
    return tuple(
        _mapping(parameters)
        for operation, parameters in asked
        if operation.written == MAPPING and parameters.get("Enabled", True)
    )


def check_mappings(scenario: Scenario) -> None:
    """Refuse what Lambda would.

    :raises Problem: a mapping of no queue or to no function, or one whose parameters do not go together.
    """
    if scenario.account is None:
        return
    waits: dict[str, int] = {}
    made: set[tuple[str, str]] = set()
    for number, (operation, parameters) in enumerate(scenario.account.operations()):
        if operation.written == MAPPING:
            path = ("account", "resources", number, MAPPING)
            _check(scenario, parameters, waits, path)
            _check_first(_mapping(parameters), made, path)
        elif operation.service == "sqs":
            name = str(parameters.get("QueueName") or str(parameters.get("QueueUrl", "")).rpartition("/")[2])
            _note_visibility(waits, name, operation.method, parameters)


def _check_first(mapping: QueueMapping, made: set[tuple[str, str]], path: _Path) -> None:
    """Refuse a second mapping of a queue to the same function, as Lambda does with ResourceConflictException.

    localstack/localstack: tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_sqs.snapshot.json.
    """
    if (mapping.queue, mapping.function) in made:
        said = say("mapping-twice", field=field_name(path), queue=mapping.queue, function=mapping.function)
        raise Problem(said, *path)
    made.add((mapping.queue, mapping.function))


def _note_visibility(waits: dict[str, int], name: str, method: str, parameters: Mapping[str, Any]) -> None:
    """For how many seconds messages of each queue are hidden when they were received."""
    told = str(parameters.get("Attributes", {}).get("VisibilityTimeout", ""))
    if method == "create_queue":
        waits[name] = limits.QUEUE_VISIBILITY_S_DEFAULT
    if told.isdecimal() and method in {"create_queue", "set_queue_attributes"}:
        waits[name] = int(told[:6])


def _mapping(parameters: Mapping[str, Any]) -> QueueMapping:
    queue, function = _QUEUE.fullmatch(parameters["EventSourceArn"]), _FUNCTION.fullmatch(parameters["FunctionName"])
    assert queue is not None  # it was checked when the scenario was read
    assert function is not None  # so was this
    scaling = parameters.get("ScalingConfig", {})
    return QueueMapping(
        queue=queue["name"],
        function=function["name"],
        batch_size=parameters.get("BatchSize", limits.QUEUE_BATCH_DEFAULT),
        window_s=parameters.get("MaximumBatchingWindowInSeconds", 0),
        reports_failures="ReportBatchItemFailures" in parameters.get("FunctionResponseTypes", ()),
        concurrency_max=scaling.get("MaximumConcurrency", limits.QUEUE_CONCURRENCY_DEFAULT),
    )


def _check(scenario: Scenario, asked: Mapping[str, Any], waits: Mapping[str, int], path: _Path) -> None:
    for key in asked:
        if key not in _PLAYED:
            raise Problem(say("mapping-not-played", field=field_name((*path, key)), known=list(_PLAYED)), *path, key)
    arn = str(asked.get("EventSourceArn", ""))
    queue = _QUEUE.fullmatch(arn)
    if queue is None:
        said = say("wrong-form", field=field_name((*path, "EventSourceArn")), value=shown(arn), hint="queue-form")
        raise Problem(said, *path, "EventSourceArn")
    if queue["name"] not in waits:
        said = say("mapping-of-nothing", field=field_name((*path, "EventSourceArn")), queue=queue["name"])
        raise Problem(said, *path, "EventSourceArn")
    _check_function(scenario, asked, waits[queue["name"]], path)
    for key, low, high in _ranges(queue["name"]):
        value = asked.get(key, low)
        if not low <= value <= high:
            said = say(
                "out-of-range", field=field_name((*path, key)), value=str(value), low=low, high=high, unit="none"
            )
            raise Problem(said, *path, key)
    if asked.get("BatchSize", 0) > limits.QUEUE_RECEIVED_AT_ONCE_MAX and not asked.get(
        "MaximumBatchingWindowInSeconds"
    ):
        said = say("mapping-needs-window", field=field_name((*path, "BatchSize")), size=asked["BatchSize"])
        raise Problem(said, *path, "BatchSize")


def _ranges(queue: str) -> Iterator[tuple[str, int, int]]:
    """What Lambda takes of a queue of that name; it gathers nothing of a FIFO queue. Botocore has the least."""
    is_fifo = queue.endswith(".fifo")
    yield "BatchSize", 1, limits.QUEUE_BATCH_FIFO_MAX if is_fifo else limits.QUEUE_BATCH_MAX
    yield "MaximumBatchingWindowInSeconds", 0, 0 if is_fifo else limits.QUEUE_WINDOW_S_MAX


def _check_function(scenario: Scenario, asked: Mapping[str, Any], visibility_s: int, path: _Path) -> None:
    place = (*path, "FunctionName")
    name = function_of(scenario, str(asked.get("FunctionName", "")), place)
    timeout_s = scenario.functions[name].timeout_s
    if visibility_s < timeout_s:
        raise Problem(
            say("mapping-visibility", field=field_name(place), visibility=visibility_s, timeout=timeout_s), *place
        )
