"""Event source mappings among an account's resources: what is read, and what is refused with its field."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.scenario.account.queue_mappings import QueueMapping, mappings
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke

OWN = "us-east-1:123456789012"
QUEUE = {"sqs.create_queue": {"QueueName": "jobs"}}
FIFO = {"sqs.create_queue": {"QueueName": "jobs.fifo", "Attributes": {"FifoQueue": "true"}}}
PLACE = "account.resources[1].lambda.create_event_source_mapping"


def mapped(*before, name="jobs", **fields):
    asked = {"EventSourceArn": f"arn:aws:sqs:{OWN}:{name}", "FunctionName": "worker", **fields}
    resources = [*(before or (QUEUE,)), {"lambda.create_event_source_mapping": asked}]
    functions = {"worker": {**a_function(), "timeout_s": 20}}
    return parse_scenario(
        {"version": 2, "functions": functions, "account": {"resources": resources}, "steps": [invoke()]}
    )


def test_a_mapping_has_lambda_s_defaults():
    (found,) = mappings(mapped().account)

    assert found == QueueMapping("jobs", "worker", 10, 0, reports_failures=False, concurrency_max=5)
    assert (found.arn, found.url) == (
        f"arn:aws:sqs:{OWN}:jobs",
        "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
    )


def test_what_is_asked_for_is_read():
    scenario = mapped(
        FunctionName=f"arn:aws:lambda:{OWN}:function:worker",
        BatchSize=100,
        MaximumBatchingWindowInSeconds=5,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
    )

    assert mappings(scenario.account) == (
        QueueMapping("jobs", "worker", 100, 5, reports_failures=True, concurrency_max=2),
    )


def test_one_that_is_not_enabled_is_none():
    assert mappings(mapped(Enabled=False).account) == ()
    assert mappings(None) == ()


def filtered(*patterns):
    return {"FilterCriteria": {"Filters": [{"Pattern": each} for each in patterns]}}


SLOW = {"sqs.create_queue": {"QueueName": "jobs", "Attributes": {"VisibilityTimeout": "5"}}}


@pytest.mark.parametrize(
    ("before", "fields", "field", "words"),
    [
        ((QUEUE,), {"FunctionName": "wroker"}, "FunctionName", "wroker is unknown; did you mean worker?"),
        ((QUEUE,), {"EventSourceArn": f"arn:aws:sns:{OWN}:news"}, "EventSourceArn", "write a queue's ARN"),
        ((QUEUE,), {"name": "other"}, "EventSourceArn", "names the queue other, which is not there yet"),
        ((QUEUE,), {"BatchSize": 11}, "BatchSize", "only with MaximumBatchingWindowInSeconds of 1 or more"),
        ((QUEUE,), {"BatchSize": 0}, "BatchSize", "valid min value: 1"),
        ((QUEUE,), {"MaximumBatchingWindowInSeconds": 301}, "MaximumBatchingWindowInSeconds", "300"),
        ((FIFO,), {"name": "jobs.fifo", "BatchSize": 11}, "BatchSize", "10"),
        ((FIFO,), {"name": "jobs.fifo", "MaximumBatchingWindowInSeconds": 1}, "MaximumBatchingWindowInSeconds", "0"),
        (
            (QUEUE,),
            {"ScalingConfig": {"MaximumConcurrency": 1}},
            "ScalingConfig.MaximumConcurrency",
            "valid min value: 2",
        ),
        (
            (QUEUE,),
            {"SourceAccessConfigurations": []},
            "SourceAccessConfigurations",
            "is not played here; a mapping has",
        ),
        (
            (QUEUE,),
            filtered("simple string"),
            "FilterCriteria.Filters[0].Pattern",
            "is not an event pattern that Lambda takes: Invalid JSON",
        ),
        ((QUEUE,), filtered("null"), "FilterCriteria.Filters[0].Pattern", "Filter is not an object"),
        (
            (QUEUE,),
            filtered('{"eventSource": []}'),
            "FilterCriteria.Filters[0].Pattern",
            "Empty arrays are not allowed",
        ),
        (
            (QUEUE,),
            filtered('{"body": "x"}'),
            "FilterCriteria.Filters[0].Pattern",
            '"body" must be an object or an array',
        ),
        (
            (QUEUE,),
            filtered(*['{"body": ["x"]}'] * 6),
            "FilterCriteria.Filters",
            "has 6 filters; Lambda takes at most 5",
        ),
        ((QUEUE,), {"BatchSizes": 1}, "BatchSizes", "did you mean BatchSize?"),
        ((SLOW,), {}, "FunctionName", "timeout of 20 s, and the queue's VisibilityTimeout is 5 s"),
    ],
)
def test_what_lambda_refuses_or_nobody_plays_is_refused_with_its_field(before, fields, field, words):
    with pytest.raises(ScenarioError) as refused:
        mapped(*before, **fields)

    assert f"{PLACE}.{field}".startswith(refused.value.field)
    assert words in str(refused.value)


def test_a_queue_whose_timeout_is_shortened_afterwards_is_taken_as_lambda_takes_it():
    shorter = {"sqs.set_queue_attributes": {"QueueUrl": "jobs", "Attributes": {"VisibilityTimeout": "1"}}}
    scenario = mapped()
    resources = [*scenario.to_json()["account"]["resources"], shorter]

    assert parse_scenario({**scenario.to_json(), "account": {"resources": resources}}).account is not None


def test_a_second_mapping_of_a_queue_to_the_same_function_is_refused():
    told = mapped().to_json()
    resources = told["account"]["resources"]

    with pytest.raises(ScenarioError, match=r"maps arn:\S+:jobs to worker a second time") as refused:
        parse_scenario({**told, "account": {"resources": [*resources, resources[-1]]}})
    assert refused.value.field.startswith("account.resources[2]")


def test_no_other_operation_of_lambda_s_is_one():
    for resources, steps in (
        ([{"lambda.create_function": {"FunctionName": "x"}}], [invoke()]),
        ([], [invoke(), {"call": {"lambda.create_function": {"FunctionName": "x"}}}]),
    ):
        with pytest.raises(ScenarioError, match=r"create_function|lambda is not one of the services"):
            parse_scenario(
                {"version": 2, "function": a_function(), "account": {"resources": resources}, "steps": steps}
            )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"FunctionName": "wroker"}, "did you mean worker?"),
        ({"FunctionName": "worker:live"}, "names the version or alias live of worker"),
        ({"EventSourceArn": "jobs"}, "write a queue's ARN"),
        ({"BatchSize": 11}, "only with MaximumBatchingWindowInSeconds of 1 or more"),
        ({"BatchSizes": 1}, "did you mean BatchSize?"),
    ],
)
def test_one_that_a_step_makes_is_checked_but_for_what_may_be_there_by_then(fields, words):
    asked = {"EventSourceArn": f"arn:aws:sqs:{OWN}:later", "FunctionName": "worker"}
    call = {"call": {"lambda.create_event_source_mapping": asked}}
    scenario = {"version": 2, "functions": {"worker": a_function()}, "account": {}, "steps": [invoke(), call]}
    parse_scenario(scenario)

    asked |= fields
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(scenario)

    assert refused.value.field.startswith("steps[1].call")
    assert words in str(refused.value)
