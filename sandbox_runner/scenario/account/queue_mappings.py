"""Event source mappings: what ``lambda.create_event_source_mapping`` asks for, here of queues. Pure.

What may be asked: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import say
from sandbox_runner.scenario.account.mapping_filters import check_filters, filters_of, wants_message
from sandbox_runner.scenario.account.stream_mappings import (
    check_stream_mapping,
    is_of_stream,
    mapping_uuid,
    stream_mapping,
    streams_made,
)
from sandbox_runner.scenario.named_functions import function_of, named
from sandbox_runner.scenario.problem import Problem
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.scenario.account.settings import AccountSettings
    from sandbox_runner.scenario.account.stream_mappings import StreamMapping
    from sandbox_runner.scenario.model import Scenario

MAPPING: Final = "lambda.create_event_source_mapping"

_QUEUE: Final = re.compile(rf"arn:aws:sqs:{REGION}:{ACCOUNT}:(?P<name>[A-Za-z0-9_-]{{1,80}}(?:\.fifo)?)")
_PLAYED: Final = (
    "BatchSize",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
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
    :ivar filters: event patterns; a message that fits none of them is deleted unread.
    """

    queue: str
    function: str
    batch_size: int = limits.QUEUE_BATCH_DEFAULT
    window_s: int = 0
    reports_failures: bool = False
    concurrency_max: int = limits.QUEUE_CONCURRENCY_DEFAULT
    filters: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """The queue's."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue}"

    @property
    def url(self) -> str:
        """The queue's."""
        return queue_url(self.queue)

    @property
    def uuid(self) -> str:
        """Its own, equal in every run."""
        return mapping_uuid(self.arn, self.function)

    def wants(self, record: Mapping[str, Any]) -> bool:
        """Whether the function gets a message, told as its record."""
        return wants_message(self.filters, record)


def queue_url(name: str) -> str:
    """The URL of a queue of the account's."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def mappings(account: AccountSettings | None) -> tuple[QueueMapping | StreamMapping, ...]:
    """Those among the resources of a scenario that was read; one that is not enabled is left out."""
    asked = account.operations() if account is not None else ()
    return tuple(
        mapping(parameters)
        for operation, parameters in asked
        if operation.written == MAPPING and parameters.get("Enabled", True)
    )


def mapping(asked: Mapping[str, Any]) -> QueueMapping | StreamMapping:
    """The mapping that parameters ask for, which were checked."""
    return stream_mapping(asked) if is_of_stream(asked["EventSourceArn"]) else _queue_mapping(asked)


def check_mappings(scenario: Scenario) -> None:
    """Refuse what Lambda would.

    :raises Problem: a mapping of no queue or to no function, or one whose parameters do not go together.
    """
    if scenario.account is None:
        return
    waits: dict[str, int] = {}
    streams: set[str] = set()
    made: set[tuple[str, str]] = set()
    for number, (operation, parameters) in enumerate(scenario.account.operations()):
        path = ("account", "resources", number, operation.written)
        if operation.written == MAPPING and is_of_stream(str(parameters.get("EventSourceArn", ""))):
            check_stream_mapping(scenario, parameters, frozenset(streams), path)
            _check_first(stream_mapping(parameters), made, path)
        elif operation.written == MAPPING:
            _check(scenario, parameters, waits, path)
            _check_first(_queue_mapping(parameters), made, path)
        elif operation.service == "sqs":
            name = str(parameters.get("QueueName") or str(parameters.get("QueueUrl", "")).rpartition("/")[2])
            _note_visibility(waits, name, operation.method, parameters)
        streams |= streams_made(operation.written, parameters)


def check_called_mapping(scenario: Scenario, asked: Mapping[str, Any], path: _Path) -> None:
    """Refuse what Lambda would of a mapping that a step makes, whatever there is by then.

    :raises Problem: it does.
    """
    if is_of_stream(str(asked.get("EventSourceArn", ""))):
        check_stream_mapping(scenario, asked, None, path)
    else:
        _check(scenario, asked, None, path)


def _check_first(mapping: QueueMapping | StreamMapping, made: set[tuple[str, str]], path: _Path) -> None:
    """Refuse a second mapping of a source to the same function, as Lambda does with ResourceConflictException.

    localstack/localstack: test_duplicate_event_source_mappings of SQS, Kinesis and DynamoDB, in
    tests/aws/services/lambda_/event_source_mapping/.
    """
    if (mapping.arn, mapping.function) in made:
        said = say("mapping-twice", field=field_name(path), source=mapping.arn, function=mapping.function)
        raise Problem(said, *path)
    made.add((mapping.arn, mapping.function))


def _note_visibility(waits: dict[str, int], name: str, method: str, parameters: Mapping[str, Any]) -> None:
    """For how many seconds messages of each queue are hidden when they were received."""
    told = str(parameters.get("Attributes", {}).get("VisibilityTimeout", ""))
    if method == "create_queue":
        waits[name] = limits.QUEUE_VISIBILITY_S_DEFAULT
    if told.isdecimal() and method in {"create_queue", "set_queue_attributes"}:
        waits[name] = int(told[:6])


def _queue_mapping(parameters: Mapping[str, Any]) -> QueueMapping:
    queue = _QUEUE.fullmatch(parameters["EventSourceArn"])
    assert queue is not None  # it was checked when the scenario was read
    scaling = parameters.get("ScalingConfig", {})
    return QueueMapping(
        queue=queue["name"],
        function=named(parameters["FunctionName"]),
        batch_size=parameters.get("BatchSize", limits.QUEUE_BATCH_DEFAULT),
        window_s=parameters.get("MaximumBatchingWindowInSeconds", 0),
        reports_failures="ReportBatchItemFailures" in parameters.get("FunctionResponseTypes", ()),
        concurrency_max=scaling.get("MaximumConcurrency", limits.QUEUE_CONCURRENCY_DEFAULT),
        filters=filters_of(parameters),
    )


def _check(scenario: Scenario, asked: Mapping[str, Any], waits: Mapping[str, int] | None, path: _Path) -> None:
    for key in asked:
        if key not in _PLAYED:
            raise Problem(say("mapping-not-played", field=field_name((*path, key)), known=list(_PLAYED)), *path, key)
    arn = str(asked.get("EventSourceArn", ""))
    queue = _QUEUE.fullmatch(arn)
    if queue is None:
        said = say("wrong-form", field=field_name((*path, "EventSourceArn")), value=shown(arn), hint="queue-form")
        raise Problem(said, *path, "EventSourceArn")
    if waits is not None and queue["name"] not in waits:
        said = say("mapping-of-nothing", field=field_name((*path, "EventSourceArn")), queue=queue["name"])
        raise Problem(said, *path, "EventSourceArn")
    _check_function(scenario, asked, None if waits is None else waits[queue["name"]], path)
    for key, low, high in _ranges(queue["name"]):
        value = asked.get(key, low)
        if not low <= value <= high:
            said = say(
                "out-of-range", field=field_name((*path, key)), value=str(value), low=low, high=high, unit="none"
            )
            raise Problem(said, *path, key)
    check_filters(asked, path)
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


def _check_function(scenario: Scenario, asked: Mapping[str, Any], visibility_s: int | None, path: _Path) -> None:
    place = (*path, "FunctionName")
    name = function_of(scenario, str(asked.get("FunctionName", "")), place)
    timeout_s = scenario.functions[name].timeout_s
    if visibility_s is not None and visibility_s < timeout_s:
        raise Problem(
            say("mapping-visibility", field=field_name(place), visibility=visibility_s, timeout=timeout_s), *place
        )
