"""Which requests met the same account, and that only those share their fresh answers."""

from __future__ import annotations

import pytest

from sandbox_runner.results.model import Verdict
from sandbox_runner.verdict.evidence.planning import first_plan
from tests.sandbox_runner.verdict.built_runs import BuiltRun

GET = {"get": "shared-71"}
ITEM = {"note": "hello alice-7Qx"}


def stored_between():
    """The same question before and after somebody stored the answer, the first of them alone."""
    run = BuiltRun(("hello", "carol"), (GET, "bob"), ({"put": "hello alice-7Qx"}, "alice"), (GET, "bob"))
    run.answered(1, "x").answered(2, None).called(2, "GetItem")
    run.answered(3, "ok").called(3, "PutItem", parameters="hello alice-7Qx")
    return (
        run.answered(4, ITEM).called(4, "GetItem", answer="hello alice-7Qx").alone(2, None, None).alone(3, "ok", "ok")
    )


def test_equal_requests_that_met_different_accounts_are_each_played_alone():
    plan, _ = first_plan(stored_between().facts(), 60)

    assert [each.indexes for each in plan if each.purpose == "history"] == [(4,), (4,)]


def test_they_are_not_compared_with_each_other_s_fresh_answers():
    assert stored_between().alone(4, ITEM, ITEM).judged().verdict == Verdict.CLEAN


def test_what_its_own_fresh_answers_do_not_have_is_a_leak_all_the_same():
    assert stored_between().alone(4, None, None).judged().verdict == Verdict.LEAK


@pytest.mark.parametrize(
    ("operation", "shared"), [("GetItem", True), ("Query", True), ("PutItem", False), ("ReceiveMessage", False)]
)
def test_what_only_reads_changes_no_account(operation, shared):
    run = BuiltRun((GET, "a"), (GET, "b"))
    run.answered(1, "x").called(1, operation).answered(2, "x").alone(1, "x", "x")

    facts = run.facts()
    assert (len(facts.controls(2)) == 2) is shared


def test_a_request_during_a_call_that_changes_something_shares_with_none():
    run = BuiltRun((GET, "a"), (GET, "b"), (GET, "c"))
    run.answered(1, "x").called(1, "PutItem", took_us=1_000_000).answered(2, "x").answered(3, "x").alone(2, "x", "x")

    assert [len(run.facts().controls(index)) for index in (1, 2, 3)] == [0, 2, 0]


def test_where_calls_are_missing_from_the_record_each_request_is_compared_with_its_own_answers():
    run = BuiltRun((GET, "a"), (GET, "b"))
    run.answered(1, "x").called(1, "GetItem", left_out=3).answered(2, "x").alone(1, "x", "x")

    assert run.facts().controls(2) == ()
