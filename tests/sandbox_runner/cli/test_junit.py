"""Results as a JUnit report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.cli.junit import Played, report
from sandbox_runner.messages import say
from sandbox_runner.results.model import Verdict
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeFunction
from tests.told import sentence


@pytest.fixture(scope="module")
def leak():
    """A run whose second request was answered with the first one's message."""
    backend = FakeBackend(FakeFunction(lambda event, runtime: runtime.globals.setdefault("first", event)))
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        return engine.run(scenario(), options=RunOptions())


def read(*played, fail_on=None):
    return ET.fromstring(report(played, fail_on))


def cases(root):
    return {case.get("name"): case for case in root.iter("testcase")}


def test_each_request_is_a_case_and_a_finding_fails_the_one_it_came_out_in(leak):
    root = read(Played("a.yaml", leak), fail_on="leak")
    found = cases(root)
    assert list(found) == ["request 1 (tenant-a)", "request 2 (tenant-b)"]
    assert found["request 1 (tenant-a)"].find("failure") is None
    failure = found["request 2 (tenant-b)"].find("failure")
    assert failure.get("type") == "leak"
    assert failure.get("message") == sentence(leak.findings[0])
    assert "Changing the input, request 1 sent" in failure.text
    assert leak.findings[0].fingerprint in failure.text


def test_each_request_that_got_something_by_one_carrier_fails():
    backend = FakeBackend(FakeFunction(lambda event, runtime: runtime.globals.setdefault("first", event)))
    three = [invoke(f"message-{number}-of-it", f"tenant-{number}") for number in (1, 2, 3)]
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        result = engine.run(scenario(*three), options=RunOptions())
    assert len(result.findings) == 1
    failed = [
        case.find("failure") is not None for case in cases(read(Played("a.yaml", result), fail_on="leak")).values()
    ]
    assert failed == [False, True, True]


def test_counts_are_those_of_all_suites(leak):
    root = read(Played("a.yaml", leak), Played("b.yaml", problem="steps is missing"), fail_on="leak")
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    assert [suite.get("name") for suite in root] == ["a.yaml", "b.yaml"]


def test_without_a_gate_nothing_fails_and_findings_are_output(leak):
    root = read(Played("a.yaml", leak))
    assert root.get("failures") == "0"
    assert "leak (critical, proven)" in cases(root)["request 2 (tenant-b)"].findtext("system-out")


def test_a_scenario_that_was_not_played_is_an_error():
    error = next(read(Played("b.yaml", problem="line 1: steps is missing")).iter("error"))
    assert error.get("message") == "line 1: steps is missing"


def test_a_finding_that_came_out_nowhere_has_a_case_of_its_own(leak):
    held = leak.findings[0].model_copy(update={"kind": "retained", "grade": Verdict.RETAINED, "reader": None})
    root = read(Played("a.yaml", leak.model_copy(update={"findings": (held,)})), fail_on="retained")
    name, case = list(cases(root).items())[-1]
    assert name.startswith("finding 1: retained")
    assert case.find("failure").get("type") == "retained"


def test_a_request_that_was_not_played_is_skipped(leak):
    waiting = leak.invocations[1].model_copy(update={"outcome": "not-played"})
    result = leak.model_copy(update={"invocations": (leak.invocations[0], waiting), "findings": ()})
    suite = read(Played("a.yaml", result)).find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["2", "0", "0", "1"]


def test_several_attempts_at_one_request_are_one_case(leak):
    again = leak.invocations[1].model_copy(update={"attempt": 2})
    result = leak.model_copy(update={"invocations": (*leak.invocations, again)})
    assert read(Played("a.yaml", result)).get("tests") == "2"


@given(st.text(st.characters(), max_size=40))
def test_hostile_text_is_escaped_and_the_report_stays_xml(leak, text):
    finding = leak.findings[0].model_copy(update={"messages": (say("legacy", text=text),)})
    served = leak.invocations[1].model_copy(update={"principal": text})
    result = leak.model_copy(update={"findings": (finding,), "invocations": (leak.invocations[0], served)})
    root = read(Played(text, result), Played("b", problem=text), fail_on="leak")
    assert root.get("tests") == "3"
    assert not any(ord(c) < 0x20 and c not in "\t\n" for each in root.iter() for c in each.text or "")


def test_markup_and_control_characters_are_text(leak):
    finding = leak.findings[0].model_copy(
        update={"messages": (say("legacy", text="</failure>&\x1b[2J\x00\ud800\uffff"),)}
    )
    root = read(Played("a.yaml", leak.model_copy(update={"findings": (finding,)})), fail_on="leak")
    message = next(root.iter("failure")).get("message")
    assert message == "</failure>&\\x1b[2J\\x00\\ud800\\uffff"
