# ruff: noqa: INP001, PLC0415 - in a sandbox, beside moto, of which only what an account uses is imported
"""Runs inside the account's sandbox: the records of streams, and whose call wrote each.

Moto would send them to a function of its own. The shapes are those of
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html and
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html.
"""

import time
from collections.abc import Callable
from typing import Any

# So that a scenario can name a table's stream before there is one.
LABEL = "2026-01-01T00:00:00.000"
REGION = "us-east-1"

CLOCK: list[Callable[[], float]] = [time.time]
# Of the order under way.
SEED = [""]


def hook(service: str) -> None:
    """Once a service of moto's is there: note of each record when it came, and whose call wrote it."""
    if made := HOOKS.pop(service, None):
        made()


def hook_dynamodb() -> None:
    """Of tables."""
    from moto.dynamodb.models.table import StreamRecord, StreamShard, Table

    specify = Table.set_stream_specification

    def add(self: Any, old: Any, new: Any) -> None:
        view = self.table.stream_specification["StreamViewType"]
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        number = self.starting_sequence_number + len(self.items)
        record = StreamRecord(self.table, view, name, old, new, number)
        record.holdover = (SEED[0], CLOCK[0]())
        self.items.append(record)

    def set_specification(self: Any, streams: Any) -> None:
        specify(self, streams)
        if self.latest_stream_label:
            self.latest_stream_label = LABEL

    StreamShard.add = add
    Table.set_stream_specification = set_specification


def hook_kinesis() -> None:
    """Of streams."""
    from moto.kinesis.models import Shard

    put = Shard.put_record

    def put_record(self: Any, *args: Any, **kwargs: Any) -> str:
        number: str = put(self, *args, **kwargs)
        self.records[int(number)].holdover = (SEED[0], CLOCK[0]())
        return number

    Shard.put_record = put_record


def records(kind: str, account: str, name: str, after: dict[str, int], most: int) -> dict[str, list[dict[str, Any]]]:
    """Of each shard so many records after the first so many."""
    found = of_table(account, name) if kind == "dynamodb" else of_stream(account, name)
    return {
        shard: [told(each) for each in each_of[after.get(shard, 0) : after.get(shard, 0) + most]]
        for shard, (told, each_of) in found.items()
    }


def of_table(account: str, name: str) -> dict[str, tuple[Callable[[Any], dict[str, Any]], list[Any]]]:
    """The one shard of a table's stream."""
    from moto.dynamodb.models import dynamodb_backends

    table = dynamodb_backends[account][REGION].tables.get(name)
    shard = table.stream_shard if table else None

    def told(record: Any) -> dict[str, Any]:
        origin, at = record.holdover
        change = {**record.record["dynamodb"], "ApproximateCreationDateTime": int(at)}
        event = {**record.record, "eventVersion": "1.1", "dynamodb": change}
        return {"record": event, "sequence": change["SequenceNumber"], "at_ms": int(at * 1_000), "origin": origin}

    return {shard.id: (told, shard.items)} if shard else {}


def of_stream(account: str, name: str) -> dict[str, tuple[Callable[[Any], dict[str, Any]], list[Any]]]:
    """The shards of a stream of Kinesis's."""
    from moto.kinesis.models import kinesis_backends

    stream = kinesis_backends[account][REGION].streams.get(name)

    def of_shard(shard: str) -> Callable[[Any], dict[str, Any]]:
        return lambda record: kinesis_record(shard, account, record)

    return {
        each.shard_id: (of_shard(each.shard_id), list(each.records.values()))
        for each in (stream.shards.values() if stream else ())
    }


def kinesis_record(shard: str, account: str, record: Any) -> dict[str, Any]:
    """A record as a function gets it."""
    origin, at = record.holdover
    number = str(record.sequence_number)
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": number,
            "data": record.data,
            "approximateArrivalTimestamp": round(at, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{account}:role/example-role",
        "awsRegion": REGION,
    }
    return {"record": event, "sequence": number, "at_ms": int(at * 1_000), "origin": origin}


HOOKS = {"dynamodb": hook_dynamodb, "kinesis": hook_kinesis}
