"""Whatever answers for AWS's services keeps accounts apart, copies them, and makes equal things up from equal seeds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import pytest_asyncio

from sandbox_runner import limits
from sandbox_runner.account.base import AccountTooSlowError, AwsRequest, Operation
from sandbox_runner.account.moto import MotoAnswering
from sandbox_runner.clock import SystemClock
from sandbox_runner.errors import AccountLost
from tests.contract.engines import BACKENDS, OWNER, make_backend
from tests.fakes.answering import FakeAnswering

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPE = "AWS4-HMAC-SHA256 Credential=ASIA/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
BUCKET = Operation("s3", "CreateBucket", {"Bucket": "letters"})
QUEUE = Operation("sqs", "CreateQueue", {"QueueName": "jobs"})
SECRET = Operation("secretsmanager", "CreateSecret", {"Name": "token", "SecretString": "hoge"})


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["fake", *BACKENDS])
async def answering(request):
    """Each of them, for all tests: what answers is made once for many accounts."""
    if request.param == "fake":
        yield FakeAnswering()
        return
    backend = make_backend(request.param, request)
    made = MotoAnswering(backend, SystemClock(), owner=OWNER)
    yield made
    await made.close()
    await backend.close()


@pytest_asyncio.fixture(loop_scope="module")
async def account(answering):
    """An account with a bucket and a queue."""
    made = await answering.open(("s3", "sqs"))
    assert [(await made.call(each, "0")).refused for each in (BUCKET, QUEUE)] == ["", ""]
    yield made
    await made.end()


def to_s3(method, target, body=b""):
    """A request to the bucket."""
    host = "letters.s3.us-east-1.amazonaws.com"
    return AwsRequest(method, target, (("Host", host), ("Authorization", SCOPE.format("s3"))), body)


def to_sqs(action, **parameters):
    """A request to the queue."""
    headers = (
        ("Host", "sqs.us-east-1.amazonaws.com"),
        ("Authorization", SCOPE.format("sqs")),
        ("X-Amz-Target", f"AmazonSQS.{action}"),
        ("Content-Type", "application/x-amz-json-1.0"),
    )
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"
    return AwsRequest("POST", "/", headers, json.dumps({"QueueUrl": url, **parameters}).encode())


async def message_id(account, seed):
    """The id that the service makes up for a message."""
    answer = await account.answer(to_sqs("SendMessage", MessageBody="hoge"), seed)
    return json.loads(answer.body)["MessageId"]


@pytest.mark.parametrize("answering", BACKENDS, indirect=True)
async def test_what_is_made_in_a_region_is_there_alone(answering):
    made = await answering.open(("sqs",))
    elsewhere = Operation("sqs", "CreateQueue", {"QueueName": "jobs"}, region="eu-west-1")
    assert (await made.call(elsewhere, "0")).refused == ""
    sent = to_sqs("SendMessage", MessageBody="hoge")
    headers = tuple((name, value.replace("us-east-1", "eu-west-1")) for name, value in sent.headers)

    there = await made.answer(replace(sent, headers=headers), "1")
    here = await made.answer(sent, "2")

    assert (there.status, here.status) == (200, 400)
    await made.end()


async def test_what_was_put_is_there(account):
    assert (await account.answer(to_s3("PUT", "/a%20letter", b"hoge"), "1")).status == 200

    answer = await account.answer(to_s3("GET", "/a%20letter"), "2")

    assert (answer.status, answer.body) == (200, b"hoge")


async def test_accounts_do_not_see_each_other(answering, account):
    other = await answering.open()
    await other.call(BUCKET, "0")
    await account.answer(to_s3("PUT", "/letter", b"hoge"), "1")

    assert (await other.answer(to_s3("GET", "/letter"), "1")).status == 404
    await other.end()


async def test_a_copy_has_what_the_original_had_and_nothing_that_came_later(account):
    await account.answer(to_s3("PUT", "/letter", b"early"), "1")
    copy = await account.copy()
    await account.answer(to_s3("PUT", "/letter", b"late"), "2")

    assert (await copy.answer(to_s3("GET", "/letter"), "3")).body == b"early"
    assert (await account.answer(to_s3("GET", "/letter"), "3")).body == b"late"
    await copy.end()


async def test_ids_follow_from_the_seed_whatever_came_before(account):
    first = await message_id(account, "1")
    copy = await account.copy()

    assert await message_id(account, "2") == await message_id(copy, "2") != first
    await copy.end()


async def test_what_a_service_refuses_is_told_in_its_words(account):
    done, refused = await account.call(SECRET, "1"), await account.call(SECRET, "2")

    assert (done.refused, done.answer.status) == ("", 200)
    assert "exists" in refused.refused
    assert (refused.answer.status, b"exists" in refused.answer.body) == (400, True)


async def test_a_look_says_what_changed_since_the_last_one(account):
    first = await account.look(whole=False)
    await account.answer(to_s3("PUT", "/a%20letter", b"early"), "1")
    await account.look(whole=False)
    await account.answer(to_s3("PUT", "/a%20letter", b"late"), "2")

    (changed,) = (await account.look(whole=False)).changes
    again = await account.look(whole=False)

    assert {(each.thing, each.name, each.key) for each in first.changes} == {
        ("bucket", "letters", ""),
        ("queue", "jobs", ""),
    }
    assert (changed.name, changed.key) == ("letters", "a letter")
    assert (changed.before.text, changed.after.text) == ("early", "late")
    assert again.changes_in_all == 0


async def test_a_look_says_what_there_is(account):
    await account.answer(to_s3("PUT", "/a%20letter", b"hoge"), "1")

    found = await account.look(whole=True)

    assert {each.name: [(entry.key, entry.value.text) for entry in each.entries] for each in found.things} == {
        "letters": [("a letter", "hoge")],
        "jobs": [],
    }
    assert found.things_in_all == 2


async def test_there_is_no_answer_for_a_service_that_is_not_there(account):
    host = (("Host", "polly.us-east-1.amazonaws.com"), ("Authorization", SCOPE.format("polly")))

    assert (await account.answer(AwsRequest("GET", "/v1/voices", host), "1")).status == 501


async def test_one_that_was_ended_answers_nobody_and_others_go_on(answering, account):
    other = await answering.open()
    await other.end()

    with pytest.raises(AccountLost):
        await other.answer(to_s3("GET", "/letter"), "1")
    assert (await account.answer(to_s3("GET", "/letter"), "1")).status == 404


async def test_an_account_whose_answer_takes_too_long_is_gone(account, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_ANSWER_S", 0.3)

    with pytest.raises(AccountTooSlowError):
        await account.answer(to_sqs("ReceiveMessage", WaitTimeSeconds=20), "1")
    with pytest.raises(AccountLost):
        await account.copy()
