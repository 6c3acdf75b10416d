"""Functions that topics, buckets, rules and mappings of an account name: those that there are, unpublished."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function

OWN = "us-east-1:123456789012"
ARN = f"arn:aws:lambda:{OWN}:function:"
TOPIC = {"TopicArn": f"arn:aws:sns:{OWN}:news", "Protocol": "lambda"}


def subscribed(name):
    return {"sns.subscribe": {**TOPIC, "Endpoint": ARN + name}}


def notified(name):
    told = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": ARN + name, "Events": ["s3:ObjectCreated:*"]}]}
    return {"s3.put_bucket_notification_configuration": {"Bucket": "files", "NotificationConfiguration": told}}


def targeted(name):
    return {"events.put_targets": {"Rule": "paid", "Targets": [{"Id": "1", "Arn": ARN + name}]}}


def asked(*resources, steps=()):
    account, functions = {"resources": list(resources)}, {"worker": a_function()}
    invoke = {"invoke": {"function": "worker", "payload": 1}}
    return {"version": 2, "functions": functions, "account": account, "steps": [invoke, *steps]}


def refusal(*resources, steps=()):
    with pytest.raises(ScenarioError) as raised:
        parse_scenario(asked(*resources, steps=steps))
    return raised.value.problem


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (subscribed, "sns.subscribe.Endpoint"),
        (notified, "s3.put_bucket_notification_configuration.NotificationConfiguration"),
        (targeted, "events.put_targets.Targets[0].Arn"),
    ],
)
def test_an_event_for_a_function_that_there_is_not_is_refused_with_the_nearest(made, field):
    for problem in (refusal(made("wroker")), refusal(steps=[{"call": made("wroker")}])):
        assert field in problem
        assert "worker" in problem.replace("wroker", "")


@pytest.mark.parametrize("made", [subscribed, notified, targeted])
def test_a_version_or_an_alias_is_refused_and_what_is_unpublished_taken(made):
    assert "names the version or alias live of worker; only its unpublished code" in refusal(made("worker:live"))
    parse_scenario(asked(made("worker"), made("worker:$LATEST")))


def test_whatever_is_no_function_is_none_of_lambda_s():
    queue = {"sns.subscribe": {"TopicArn": TOPIC["TopicArn"], "Protocol": "sqs", "Endpoint": f"arn:aws:sqs:{OWN}:jobs"}}
    rule = {"events.put_targets": {"Rule": "paid", "Targets": [{"Id": "1", "Arn": f"arn:aws:sqs:{OWN}:jobs"}]}}
    parse_scenario(asked(queue, rule))
