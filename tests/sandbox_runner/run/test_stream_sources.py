"""What is told of a stream's records that are given up, and where."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.account.moments import opened
from sandbox_runner.environment.answers import Answer
from sandbox_runner.events.log import EventLog
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.stream_sources import AccountStream
from sandbox_runner.scenario.account.settings import AccountSettings
from sandbox_runner.scenario.account.stream_mappings import StreamMapping
from sandbox_runner.scenario.destinations import Destination
from sandbox_runner.service.event_sources.poller import Invoked
from sandbox_runner.service.event_sources.stream_poller import Batch, StreamRecord
from tests.fakes.answering import FakeAnswering
from tests.fakes.clock import FakeClock

CLOCK = FakeClock()
OWN = "us-east-1:123456789012"
FUNCTION = f"arn:aws:lambda:{OWN}:function:worker"
BATCH = Batch((StreamRecord("shard-1", "7", 2_500_000, "", {"eventID": "7"}),), tries=2)
FAILED = Invoked(3, "id-3", Answer(Outcome.FUNCTION_ERROR, b"{}", 2))
REFUSED_A_PART = Invoked(3, "id-3", Answer(Outcome.SUCCESS, b"{}", 2))


async def given_up(kind, to, why, invoked):
    """The operation that tells of the batch."""
    answering = FakeAnswering()
    log = EventLog(CLOCK)
    run = await opened(answering, AccountSettings(), log, CLOCK)
    mapping = StreamMapping(kind, "orders", "worker", on_failure=Destination(to))
    await AccountStream(run, mapping, log, 1_767_574_800_000).give_up(BATCH, why, invoked)
    (operation,) = answering.accounts[0].carried_out
    return operation


@pytest.mark.parametrize(
    ("kind", "info", "arrived"),
    [
        ("kinesis", "KinesisBatchInfo", "2026-01-05T01:00:02.500Z"),
        ("dynamodb", "DDBStreamBatchInfo", "2026-01-05T01:00:02Z"),
    ],
)
@pytest.mark.parametrize(("invoked", "error"), [(FAILED, "Unhandled"), (REFUSED_A_PART, None)])
async def test_a_batch_that_was_tried_too_often_has_its_last_response(kind, info, arrived, invoked, error):
    operation = await given_up(kind, f"arn:aws:sqs:{OWN}:dead", "RetryAttemptsExhausted", invoked)

    told = json.loads(operation.parameters["MessageBody"])
    assert told["requestContext"] == {
        "requestId": "id-3",
        "functionArn": FUNCTION,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": error}
    assert told[info]["approximateArrivalOfFirstRecord"] == arrived


async def test_records_that_were_too_old_have_an_id_and_no_response():
    operation = await given_up("kinesis", f"arn:aws:sns:{OWN}:dead", "RecordAgeExceeded", None)

    told = json.loads(operation.parameters["Message"])
    assert (len(told["requestContext"]["requestId"]), "responseContext" in told) == (36, False)


async def test_a_bucket_gets_the_records_too_at_a_key_of_the_mapping_the_shard_and_the_day():
    operation = await given_up("kinesis", "arn:aws:s3:::dead", "RetryAttemptsExhausted", FAILED)

    assert (operation.name, operation.parameters["Bucket"]) == ("PutObject", "dead")
    root, service, mapping, shard, *day, last = operation.parameters["Key"].split("/")
    assert (root, service, len(mapping), shard, day) == ("aws", "lambda", 36, "shard-1", ["2026", "01", "05"])
    assert last.startswith("2026-01-05T01.00.")
    assert json.loads(operation.parameters["Body"])["payload"] == {"Records": [{"eventID": "7"}]}
