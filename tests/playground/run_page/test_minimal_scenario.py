"""The smallest scenario that shows a finding again."""

from __future__ import annotations

import pytest

from playground.run_page.minimal_scenario import needed_by, reduced_to
from sandbox_runner.results.model import Reader, Writer
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke, recycle, scenario
from tests.playground.run_results import finding


def between(writer, reader, **fields):
    return finding(
        writer=Writer(invocation=writer, principal="a"),
        reader=Reader(invocation=reader, principal="b", output_path=""),
        **fields,
    )


FIVE = scenario(invoke("1", "a"), idle(1), {"concurrent": [{"payload": "2"}, {"payload": "3", "as": "c"}]}, recycle(),
                idle(2), invoke("4", "b"), idle(3))  # fmt: skip


def payloads(smaller):
    return [request.payload for _, _, request in smaller.requests()]


def test_only_writer_and_reader_are_kept_one_after_the_other():
    smaller = reduced_to(FIVE, between(1, 4, confidence="proven"))
    assert payloads(smaller) == ["1", "4"]
    assert len(smaller.steps) == 2


def test_a_request_among_several_at_once_is_kept_alone():
    assert payloads(reduced_to(FIVE, between(3, 4, confidence="proven"))) == ["3", "4"]


def test_requests_that_overlap_in_one_environment_are_kept_together():
    asked = FIVE.model_copy(update={"concurrency_per_environment": 4})
    smaller = reduced_to(asked, between(3, 2, confidence="proven"))
    assert [[request.payload for request in step.concurrent] for step in smaller.steps] == [["2", "3"]]


def test_the_requests_that_were_proven_to_suffice_count():
    found = between(1, 4, confidence="proven", reproduces_with=(1, 3, 4))
    assert needed_by(found) == (1, 3, 4)
    assert payloads(reduced_to(FIVE, found)) == ["1", "3", "4"]


def test_waits_between_the_requests_stay_where_nothing_was_proven_without_them():
    smaller = reduced_to(FIVE, between(1, 4, confidence="strong"))
    assert [getattr(step, "idle", None) for step in smaller.steps] == [None, 1, 2, None]


def test_calls_to_aws_before_the_last_of_the_requests_stay():
    call = {"call": {"s3.list_buckets": {}}}
    steps = [call, invoke("1", "a"), invoke("2"), call, invoke("3", "b"), call]
    asked = Scenario.model_validate({"version": 2, "function": a_function(), "account": {}, "steps": steps})

    smaller = reduced_to(asked, between(1, 3, confidence="proven"))

    assert [type(step).__name__ for step in smaller.steps] == ["CallStep", "InvokeStep", "CallStep", "InvokeStep"]


@pytest.mark.parametrize("fields", [{"writer": None}, {"reader": None}, {"writer": Writer(invocation=0, principal="")}])
def test_one_request_is_no_pair(fields):
    assert reduced_to(FIVE, finding(**fields)) is None


def test_a_request_that_a_function_made_is_not_kept_alone():
    assert reduced_to(FIVE, between(4, 5, confidence="proven")) is None


def test_a_scenario_that_is_small_already_is_not_offered_again():
    assert reduced_to(scenario(), between(1, 2, confidence="proven")) is None
