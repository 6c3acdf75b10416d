"""Event source mappings of streams, a table's or Kinesis's: what ``lambda.create_event_source_mapping`` asks for. Pure.

What may be asked: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from uuid import NAMESPACE_OID, uuid5

from sandbox_runner import limits
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import say
from sandbox_runner.scenario.account.mapping_filters import check_filters, filters_of, wants_record
from sandbox_runner.scenario.destinations import Destination
from sandbox_runner.scenario.named_functions import function_of, named
from sandbox_runner.scenario.problem import Problem
from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.scenario.model import Scenario

StreamKind: TypeAlias = Literal["dynamodb", "kinesis"]

LABEL: Final = "2026-01-01T00:00:00.000"
"""The last part of the ARN of every table's stream, so that a scenario can name it before there is one."""

_OWN: Final = f"{REGION}:{ACCOUNT}"
_KINDS: Final[Mapping[StreamKind, re.Pattern[str]]] = {
    "dynamodb": re.compile(
        rf"arn:aws:dynamodb:{_OWN}:table/(?P<name>[A-Za-z0-9_.-]{{3,255}})/stream/{re.escape(LABEL)}"
    ),
    "kinesis": re.compile(rf"arn:aws:kinesis:{_OWN}:stream/(?P<name>[A-Za-z0-9_.-]{{1,128}})"),
}
_RECEIVER: Final = re.compile(
    rf"arn:aws:(?:sqs:{_OWN}:[A-Za-z0-9_-]{{1,80}}|sns:{_OWN}:[A-Za-z0-9_-]{{1,256}}|s3:::[a-z0-9.-]{{3,63}})"
)
_STARTS: Final = ("LATEST", "TRIM_HORIZON")
_PLAYED: Final = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "StartingPosition",
)
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """A stream whose records are sent to a function, in batches, in order by shard.

    :ivar name: the stream's, or that of its table.
    :ivar from_start: whether it begins with the oldest record, not with the first after it was made.
    :ivar bisects: whether a batch that failed is split in two.
    :ivar retries_max: how often a batch is tried again; ``None`` for as often as it takes.
    :ivar age_s_max: how old a record may be; ``None`` for any age.
    :ivar on_failure: what gets a record of each batch that is given up.
    :ivar filters: event patterns; a record that fits none of them is passed over.
    """

    kind: StreamKind
    name: str
    function: str
    batch_size: int = limits.STREAM_BATCH_DEFAULT
    window_s: int = 0
    from_start: bool = True
    bisects: bool = False
    reports_failures: bool = False
    retries_max: int | None = None
    age_s_max: int | None = None
    on_failure: Destination | None = None
    filters: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """The stream's."""
        if self.kind == "dynamodb":
            return f"arn:aws:dynamodb:{_OWN}:table/{self.name}/stream/{LABEL}"
        return f"arn:aws:kinesis:{_OWN}:stream/{self.name}"

    @property
    def uuid(self) -> str:
        """Its own, equal in every run."""
        return mapping_uuid(self.arn, self.function)

    def wants(self, record: Mapping[str, Any]) -> bool:
        """Whether the function gets a record."""
        return wants_record(self.kind, self.filters, record)


def mapping_uuid(arn: str, function: str) -> str:
    """The UUID of the mapping of a source to a function."""
    return str(uuid5(NAMESPACE_OID, f"{arn} {function}"))


def stream_of(arn: str) -> tuple[StreamKind, str] | None:
    """The stream that an ARN names, if it is one."""
    for kind, pattern in _KINDS.items():
        if found := pattern.fullmatch(arn):
            return kind, found["name"]
    return None


def is_of_stream(arn: str) -> bool:
    """Whether it is meant to be the ARN of a stream, well-formed or not."""
    return arn.startswith(("arn:aws:dynamodb:", "arn:aws:kinesis:"))


def streams_made(written: str, asked: Mapping[str, Any]) -> frozenset[str]:
    """The ARN of the stream that an operation of boto3's makes, if it makes one."""
    match written:
        case "kinesis.create_stream":
            return frozenset({f"arn:aws:kinesis:{_OWN}:stream/{asked.get('StreamName')}"})
        case "dynamodb.create_table" | "dynamodb.update_table":
            if asked.get("StreamSpecification", {}).get("StreamEnabled"):
                return frozenset({f"arn:aws:dynamodb:{_OWN}:table/{asked.get('TableName')}/stream/{LABEL}"})
        case _:
            pass
    return frozenset()


def stream_mapping(asked: Mapping[str, Any]) -> StreamMapping:
    """The mapping that parameters ask for, which were checked."""
    found = stream_of(asked["EventSourceArn"])
    assert found is not None  # it was checked when the scenario was read
    retries, age_s = asked.get("MaximumRetryAttempts", -1), asked.get("MaximumRecordAgeInSeconds", -1)
    to = asked.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return StreamMapping(
        kind=found[0],
        name=found[1],
        function=named(asked["FunctionName"]),
        batch_size=asked.get("BatchSize", limits.STREAM_BATCH_DEFAULT),
        window_s=asked.get("MaximumBatchingWindowInSeconds", 0),
        from_start=asked["StartingPosition"] == "TRIM_HORIZON",
        bisects=asked.get("BisectBatchOnFunctionError", False),
        reports_failures="ReportBatchItemFailures" in asked.get("FunctionResponseTypes", ()),
        retries_max=None if retries < 0 else retries,
        age_s_max=None if age_s < 0 else age_s,
        on_failure=Destination(to) if to else None,
        filters=filters_of(asked),
    )


def check_stream_mapping(
    scenario: Scenario, asked: Mapping[str, Any], made: frozenset[str] | None, path: _Path
) -> None:
    """Refuse what Lambda would.

    :param made: the ARNs of the streams that were made before; ``None`` where that is not known.
    :raises Problem: a mapping of no stream or to no function, or a parameter out of its range.
    """
    for key in asked:
        if key not in _PLAYED:
            raise Problem(say("mapping-not-played", field=field_name((*path, key)), known=list(_PLAYED)), *path, key)
    arn, place = str(asked.get("EventSourceArn", "")), (*path, "EventSourceArn")
    if stream_of(arn) is None:
        raise Problem(say("wrong-form", field=field_name(place), value=shown(arn), hint="stream-form"), *place)
    if made is not None and arn not in made:
        raise Problem(say("mapping-of-no-stream", field=field_name(place), arn=arn), *place)
    function_of(scenario, str(asked.get("FunctionName", "")), (*path, "FunctionName"))
    if asked.get("StartingPosition") not in _STARTS:
        value = shown(str(asked.get("StartingPosition", "")))
        place = (*path, "StartingPosition")
        raise Problem(say("mapping-start", field=field_name(place), value=value, known=list(_STARTS)), *place)
    _check_ranges(asked, path)
    check_filters(asked, path)
    to = asked.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if to is not None and not _RECEIVER.fullmatch(str(to)):
        place = (*path, "DestinationConfig", "OnFailure", "Destination")
        said = say("wrong-form", field=field_name(place), value=shown(str(to)), hint="mapping-destination-form")
        raise Problem(said, *place)


def _check_ranges(asked: Mapping[str, Any], path: _Path) -> None:
    for key, low, high in (
        ("BatchSize", 1, limits.QUEUE_BATCH_MAX),
        ("MaximumBatchingWindowInSeconds", 0, limits.QUEUE_WINDOW_S_MAX),
        ("MaximumRetryAttempts", -1, limits.STREAM_RETRIES_MAX),
        ("MaximumRecordAgeInSeconds", limits.STREAM_AGE_S_MIN, limits.STREAM_AGE_S_MAX),
    ):
        value = asked.get(key, low)
        if value != -1 and not low <= value <= high:
            field = field_name((*path, key))
            said = say("out-of-range", field=field, value=str(value), low=low, high=high, unit="none")
            raise Problem(said, *path, key)
