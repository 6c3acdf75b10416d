"""A log that grows is read as one that is read at once."""

import pytest

from sandbox_runner.verdict.evidence.reading import FactsReader, read_facts
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.sandbox_runner.verdict.played_handlers import proved

ALICE, BOB = ({"user": "alice-7Qx"}, None), ({"user": "bob-3Zk"}, None)


def keeps_the_first():
    kept = {}
    return lambda payload, _log: {"user": kept.setdefault("user", payload["user"])}


def says_ok():
    return lambda _payload, _log: "ok"


@pytest.mark.parametrize("handler", [keeps_the_first, says_ok])
def test_what_was_read_bit_by_bit_is_what_is_read_at_once_and_stays_as_it_was(handler):
    _, _, events = proved(handler, ALICE, BOB)
    scenario = BuiltRun(ALICE, BOB).scenario
    reader = FactsReader(scenario)
    beginnings = [events[:count] for count in range(len(events) + 1)]
    seen = [reader.facts(each) for each in beginnings]
    assert seen == [read_facts(scenario, each) for each in beginnings]
