"""What only leaks when the scenario's later request is the earlier one, over handlers that are plain functions."""

import pytest

from sandbox_runner.results.model import Verdict
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import checked, codes, sentence

BLANK = ({"colour": "green"}, "tenant-a")
NAMED = ({"name": "Xiomara-7Qx", "colour": "red"}, "tenant-b")
OTHER = ({"name": "Wilhelm-Zz4", "colour": "blue"}, "tenant-c")


def merging(made=lambda name: name):
    """A form that keeps what it was filled with: only who sends no name is shown another's."""

    def fresh():
        form = {}

        def handler(payload, _):
            form.update(payload)
            return {"for": made(form["name"]) if "name" in form else "-"}

        return handler

    return fresh


def counting():
    count = 0

    def handler(payload, _):
        nonlocal count
        count += "name" in payload
        return {"named": None if "name" in payload else count}

    return handler


def test_a_leak_that_only_shows_in_the_other_order_is_found_and_said_to_be_that():
    judgement, _, _ = proved(merging(), BLANK, NAMED)
    finding = judgement.findings[0]
    assert judgement.verdict is Verdict.LEAK
    assert (finding.writer.invocation, finding.reader.invocation, finding.confidence) == (2, 1, "proven")
    assert finding.reproduces_with == (2, 1)
    assert sentence(finding).startswith(
        "With the requests in another order (2, 1): tenant-a received tenant-b's `name`"
    )


def test_so_is_one_that_nobody_can_recognise():
    judgement, _, _ = proved(merging(lambda name: sum(map(ord, name))), BLANK, NAMED)
    finding = judgement.findings[0]
    assert (finding.kind, finding.writer.leaf, finding.confidence) == ("answer-leak", "name", "proven")
    assert finding.reproduces_with == (2, 1)


def test_of_three_the_pair_that_shows_it_is_what_reproduces_it():
    judgement, _, _ = proved(merging(), BLANK, NAMED, OTHER)
    finding = judgement.findings[0]
    assert (finding.writer.invocation, finding.reader.invocation, finding.reproduces_with) == (2, 1, (2, 1))


def test_history_that_only_the_other_order_shows_is_said_too():
    judgement, _, _ = proved(counting, BLANK, ({"name": "x", "colour": "red"}, "tenant-b"))
    assert judgement.verdict is not Verdict.CLEAN
    assert codes(judgement.findings[0])[0] == "other-order"


def test_where_the_scenario_s_order_shows_a_leak_the_other_is_not_played():
    judgement, replayer, _ = proved(merging(), NAMED, BLANK)
    assert judgement.findings[0].reproduces_with == (1, 2)
    assert all(indexes != (2, 1) for _, indexes, _ in replayer.played)
    assert "other-order-not-tried" in checked(judgement, "history")


@pytest.mark.parametrize(
    ("what", "requests"),
    [("one principal", (BLANK, (NAMED[0], "tenant-a"))), ("equal payloads", (NAMED, (NAMED[0], "tenant-b")))],
)
def test_the_other_order_is_not_played_where_it_cannot_say_anything(what, requests):
    _, replayer, _ = proved(merging(len), *requests)
    assert all(indexes != (2, 1) for _, indexes, _ in replayer.played), what


def test_a_handler_that_is_clean_in_both_orders_stays_clean_and_the_checks_say_so():
    judgement, replayer, _ = proved(lambda: lambda payload, _: {"colour": payload["colour"]}, BLANK, NAMED)
    assert judgement.verdict is Verdict.CLEAN
    assert ("history", (2, 1)) in [(purpose, indexes) for purpose, indexes, _ in replayer.played]
    assert "other-order-compared" in checked(judgement, "history")


def test_a_proof_that_the_budget_ends_does_not_claim_the_other_order():
    judgement, _, _ = proved(merging(), BLANK, NAMED, replays=3)
    assert judgement.findings == ()
    assert "other-order-not-tried" in checked(judgement, "history")
