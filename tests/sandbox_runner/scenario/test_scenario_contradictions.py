"""Scenarios that contradict themselves are refused with a sentence that names both fields."""
# ruff: noqa: E501 - the sentences stand in tables, one row each, and are asked for in full

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, idle, invoke

ONE_MB = 1024 * 1024


def parsed(**varied):
    return parse_scenario({"function": a_function(), "steps": [invoke()], **varied})


PROVISIONED = {"initialization": "provisioned-concurrency"}
NODE = a_function(
    runtime="nodejs24.x", handler="index.handler", files={"index.mjs": "export const handler = 1;"}, log_format="json"
)
TWO_PEERS = [{"name": "backend"}, {"name": "backend", "port": 7001}]


@pytest.mark.parametrize(
    ("field", "varied", "sentence"),
    [
        (
            "provisioned_concurrency",
            PROVISIONED,
            "provisioned_concurrency is 0 and initialization is provisioned-concurrency; give the number of environments, or choose on-demand",
        ),
        (
            "provisioned_concurrency",
            {"provisioned_concurrency": 2},
            "provisioned_concurrency is 2 and initialization is on-demand; choose provisioned-concurrency, or 0",
        ),
        (
            "concurrency_per_environment",
            {"function": a_function(runtime="python3.11"), "concurrency_per_environment": 8},
            "concurrency_per_environment is 8, and an environment of python3.11 serves one request at a time here; choose python3.13, python3.14 or nodejs24.x, or leave it out",
        ),
        (
            "concurrency_per_environment",
            {"function": {**NODE, "log_format": "text"}, "concurrency_per_environment": 8},
            "concurrency_per_environment is 8 and function.log_format is text; where an environment serves several requests at once, Lambda writes its log as JSON: choose json",
        ),
        (
            "concurrency_per_environment",
            {"function": {**NODE, "extensions": {"watch": "#!/bin/sh"}}, "concurrency_per_environment": 8},
            "concurrency_per_environment is 8 and there is function.extensions, which is not played where an environment serves several requests at once; leave one of them out",
        ),
        (
            "concurrency_per_environment",
            {"function": NODE, "concurrency_per_environment": 8, **PROVISIONED, "provisioned_concurrency": 1},
            "concurrency_per_environment is 8 and there is initialization, which is not played where an environment serves several requests at once; leave one of them out",
        ),
        (
            "reserved_concurrency",
            {**PROVISIONED, "provisioned_concurrency": 2, "reserved_concurrency": 1},
            "reserved_concurrency is 1 and provisioned_concurrency is 2; reserve at least as many as are provisioned",
        ),
        (
            "reserved_concurrency",
            {"reserved_concurrency": 901},
            "reserved_concurrency is 901 and an account has 1000, of which 100 stay unreserved; choose at most 900, or leave it out",
        ),
        (
            "steps[1].initialize",
            {"reserved_concurrency": 0, "steps": [invoke(), {"initialize": 1}]},
            "steps[1].initialize prepares environments and reserved_concurrency is 0, so nothing can ever run in them; reserve at least 1, or take the step out",
        ),
        (
            "on_failure",
            {"on_failure": "arn:aws:sqs:us-east-1:123456789012:jobs"},
            "on_failure names jobs, and the scenario has no SQS; write account: {services: auto} at the top",
        ),
        (
            "dead_letter",
            {"version": 2, "account": {"services": ["s3"]}, "dead_letter": "arn:aws:sns:us-east-1:123456789012:news"},
            "dead_letter names news, and the scenario has no SNS; write account: {services: auto} at the top",
        ),
        (
            "on_success",
            {"version": 2, "account": {}, "on_success": "arn:aws:lambda:us-east-1:123456789012:function:holdovr"},
            "on_success holdovr is unknown; did you mean holdover?",
        ),
        (
            "on_success",
            {"version": 2, "account": {}, "on_success": "arn:aws:sqs:us-east-1:123456789012:jobs.fifo"},
            "on_success cannot be arn:aws:sqs:us-east-1:123456789012:jobs.fifo; write an ARN like arn:aws:sqs:us-east-1:123456789012:jobs; a standard queue or topic of this account, a function or an event bus can be one, on failure a bucket too",
        ),
        (
            "on_success",
            {"version": 2, "account": {}, "on_success": "arn:aws:s3:::kept"},
            "on_success cannot be arn:aws:s3:::kept; write an ARN like arn:aws:sqs:us-east-1:123456789012:jobs; a standard queue or topic of this account, a function or an event bus can be one, on failure a bucket too",
        ),
        (
            "dead_letter",
            {"version": 2, "account": {}, "dead_letter": "arn:aws:sqs:eu-west-1:123456789012:dead"},
            "dead_letter cannot be arn:aws:sqs:eu-west-1:123456789012:dead; write the ARN of a standard queue or topic of this account, like arn:aws:sqs:us-east-1:123456789012:dead",
        ),
        (
            "steps[0].invoke.payload_bytes",
            {"steps": [{"invoke": {"payload": 1, "payload_bytes": 8}}]},
            "steps[0].invoke.payload_bytes is 8 and there is a payload; keep one of them: payload is sent as it is, and payload_bytes stands for a generated one of that size",
        ),
        (
            "steps[0].concurrent[1].payload_bytes",
            {"steps": [{"concurrent": [{}, {"payload": 1, "payload_bytes": 8}]}]},
            "steps[0].concurrent[1].payload_bytes is 8 and there is a payload; keep one of them: payload is sent as it is, and payload_bytes stands for a generated one of that size",
        ),
        (
            "steps[2]",
            {"steps": [{"concurrent": [{"payload_bytes": 6_000_000}] * 3}, {"invoke": {"payload_bytes": 30_000_000}}, {"concurrent": [{"payload_bytes": 6_000_000}] * 3}]},
            "steps[2] and the steps before it have payload_bytes of 36,000,000 together; a run takes at most 33,554,432, so make them smaller or fewer",
        ),
        (
            "init_limit",
            {"init_limit": "11s"},
            "init_limit cannot be 11 s; initialization on-demand has 10 s on Lambda, and init_limit can only lower that",
        ),
        (
            "function.log_level",
            {"function": a_function(log_level="WARN")},
            "function.log_level is WARN and function.log_format is text, which has no levels; choose json, or leave the level out",
        ),
        (
            "function.system_log_level",
            {"function": a_function(system_log_level="DEBUG")},
            "function.system_log_level is DEBUG and function.log_format is text, which has no levels; choose json, or leave the level out",
        ),
        (
            "function.log_style",
            {"function": a_function(log_style="older", log_format="json")},
            "function.log_style is older and function.log_format is json, which has one style only; choose text or current",
        ),
        (
            "peers[1].name",
            {"peers": TWO_PEERS},
            "peers[1].name is backend, and so is peers[0].name; give each peer a name of its own",
        ),
        (
            "peers[1].port",
            {"peers": [{"name": "one"}, {"name": "two"}]},
            "peers[1].port is 7000, and so is peers[0].port; give each peer a port of its own",
        ),
        (
            "steps[30].idle",
            {"steps": [invoke(), *[idle(10)] * 40]},
            "steps[30].idle and the idle steps before it take 300 s, but a run has 300 s; shorten them, or wait for more than 10 s at once, which is compressed",
        ),
        (
            "steps[0].invoke.payload",
            {"steps": [{"invoke": {"payload": "x" * ONE_MB, "type": "event"}}]},
            "steps[0].invoke.payload has 1,048,578 bytes and type is event; an asynchronous request may have 1,048,576 (1 MB), shorten it",
        ),
        (
            "steps[0].concurrent[1].payload",
            {"steps": [{"concurrent": [{}, {"payload": "x" * ONE_MB, "type": "event"}]}]},
            "steps[0].concurrent[1].payload has 1,048,578 bytes and type is event; an asynchronous request may have 1,048,576 (1 MB), shorten it",
        ),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_at_a_field_and_names_the_other(field, varied, sentence):
    with pytest.raises(ScenarioError) as raised:
        parsed(**varied)
    assert (raised.value.field, raised.value.problem) == (field, sentence)


@pytest.mark.parametrize(
    "varied",
    [
        {**PROVISIONED, "provisioned_concurrency": 2, "reserved_concurrency": 2},
        {"function": NODE, "concurrency_per_environment": 8},
        {"reserved_concurrency": 0},
        {"reserved_concurrency": 900},
        {"init_limit": "10s"},
        {"init_limit": "200ms"},
        {"peers": [{"name": "one"}, {"name": "two", "port": 7001}]},
        {"steps": [invoke(), *[idle(3600)] * 100]},
        {"steps": [{"invoke": {"payload": "x" * (ONE_MB - 2), "type": "event"}}]},
        {"reserved_concurrency": 0, "steps": [{"invoke": {"type": "event"}}]},
    ],
)
def test_what_only_looks_like_a_contradiction_is_taken(varied):
    parsed(**varied)


@pytest.mark.parametrize(
    ("varied", "sentence"),
    [
        ({"provisioned_concurrency": 101}, "provisioned_concurrency cannot be 101; choose 0 to 100"),
        ({"reserved_concurrency": -1}, "reserved_concurrency cannot be -1; choose 0 to 1000"),
        ({"concurrency_per_environment": 33}, "concurrency_per_environment cannot be 33; choose 1 to 32"),
        ({"concurrency_per_environment": 0}, "concurrency_per_environment cannot be 0; choose 1 to 32"),
        ({"max_retry_attempts": 3}, "max_retry_attempts cannot be 3; choose 0 to 2"),
        ({"max_event_age_s": 59}, "max_event_age_s cannot be 59; choose 60 to 21600 (seconds)"),
        ({"spin_down_after": "2h"}, "spin_down_after cannot be 2h; choose 0 to 3600 (seconds)"),
        ({"peers": [{"name": "b", "port": 80}]}, "peers[0].port cannot be 80; choose 1024 to 65535"),
        ({"steps": [{"initialize": 0}]}, "steps[0].initialize cannot be 0; choose 1 to 100"),
        ({"steps": [{"concurrent": []}]}, "steps[0].concurrent is empty; fill it or leave it out"),
        ({"steps": [{"concurrent": [{}] * 101}]}, "steps[0].concurrent has 101 entries; at most 100 are taken, remove some"),
    ],
)  # fmt: skip
def test_a_number_out_of_its_range_is_refused_with_the_range(varied, sentence):
    with pytest.raises(ScenarioError) as raised:
        parsed(**varied)
    assert raised.value.problem == sentence
