"""Bodies that no client of AWS's sends: each is refused, and nothing is changed."""

import json

import pytest

from sandbox_runner.account.base import AwsRequest
from sandbox_runner.live.concurrency_api import asked
from sandbox_runner.live.deployed import Deployed
from tests.builders import scenario


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b"{}", "ValidationException"),
        (b'{"ReservedConcurrentExecutions": -1}', "ValidationException"),
        (b'{"ReservedConcurrentExecutions": 1.5}', "ValidationException"),
        (b'{"ReservedConcurrentExecutions": true}', "ValidationException"),
        (b'{"ReservedConcurrentExecutions": ["x"]}', "ValidationException"),
    ],
)
def test_a_body_without_a_number_is_refused(body, error):
    deployed = Deployed.of(scenario(), "now")
    answer = asked(AwsRequest("PUT", "/2017-10-31/functions/holdover/concurrency", (), body), deployed, "now")
    assert (answer.status, dict(answer.headers)["x-amzn-errortype"]) == (400, error)
    assert json.loads(answer.body)["Type"] == "User"
    assert deployed.reserved == {}


@pytest.mark.parametrize("target", ["/2017-10-31/functions/x", "/2015-03-31/functions/x/concurrency", "/"])
def test_what_is_no_concurrency_is_left_to_others(target):
    assert asked(AwsRequest("PUT", target, (), b"{}"), Deployed.of(scenario(), "now"), "now") is None
