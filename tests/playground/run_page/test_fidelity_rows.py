"""A run's page links to the rows of the ledger that mattered to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from playground.fidelity.document import read_ledger
from playground.run_page.fidelity_rows import _RULES, fidelity_rows
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke, recycle
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, TakesForever

LEDGER = read_ledger((Path(__file__).parents[3] / "docs" / "fidelity.md").read_text(encoding="utf-8"))
NAMES = [row.anchor for section in LEDGER.sections for row in section.rows]


def rows_of(*steps, function=None, configured=None, **scenario):
    """The rows of a run on the fake."""
    backend = FakeBackend(FakeFunction(**(function or {})))
    asked = {"function": a_function(**(configured or {})), "steps": list(steps) or [invoke(1)], **scenario}
    running = play(Scenario.model_validate(asked), backend, clock=backend.clock, options=RunOptions(prove=False))
    return set(fidelity_rows(asyncio.run(running)))


def raising(problem):
    def function(*_):
        raise problem

    return function


OUT_OF_MEMORY = raising(RuntimeExits("signal: killed", out_of_memory=True))
EVENT = {"invoke": {"payload": 1, "type": "event"}}

CASES = [
    ("a cold success", {}, {"init-duration", "billed-duration", "max-memory-used", "freeze"}),
    ("an exception", {"function": {"handler": raising(ValueError("v"))}}, {"handler-exception"}),
    ("an exit", {"function": {"handler": raising(RuntimeExits("exit status 1"))}}, {"exit", "reset"}),
    ("a timeout", {"function": {"handler": raising(TakesForever())}}, {"timeout", "reset", "cpu"}),
    ("memory", {"function": {"handler": OUT_OF_MEMORY}}, {"out-of-memory", "memory-limit", "reset"}),
    ("a failed init", {"function": {"module": raising(RuntimeExits("exit status 1"))}}, {"failed-init", "reset"}),
    ("a slow init", {"function": {"module": raising(TakesForever())}}, {"init-limit", "init-loop", "suppressed-init"}),
    ("a full disk", {"function": {"handler": raising(OSError("No space left on device"))}}, {"tmp-size"}),
    ("the JSON format", {"configured": {"log_format": "json", "log_level": "WARN"}}, {"log-json", "log-level"}),
    ("the older style", {"configured": {"log_style": "older"}}, {"log-older-style"}),
    (
        "a timeout in the older style",
        {"configured": {"log_style": "older"}, "function": {"handler": raising(TakesForever())}},
        {"older-timeout-answer", "deferred-init"},
    ),
    ("a file of the function's own", {"function": {"handler": raising(OSError("EROFS"))}}, {"read-only-task"}),
    ("a share of a processor", {"configured": {"cpu": "proportional"}}, {"cpu"}),
    ("a reservation", {"reserved_concurrency": 0}, {"reserved-concurrency", "throttling"}),
    (
        "provisioned concurrency",
        {"initialization": "provisioned-concurrency", "provisioned_concurrency": 1},
        {"provisioned-concurrency", "provisioned-report"},
    ),
]


@pytest.mark.parametrize(("asked", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_happened_names_its_rows(asked, expected):
    assert expected <= rows_of(**asked)


def test_steps_name_their_rows():
    assert {"warm-reuse", "freeze"} <= rows_of(invoke(1), invoke(2))
    assert {"proactive-init", "placement"} <= rows_of({"initialize": 2}, invoke(1))
    assert {"spin-down", "placement"} <= rows_of(invoke(1), recycle(), invoke(2))
    assert "long-waits" in rows_of(invoke(1), idle(600))
    assert {"invoke-status", "request-id"} <= rows_of(EVENT)


def test_a_plain_success_links_to_nothing_that_it_did_not_meet():
    quiet = {"max-memory-used", "init-duration", "billed-duration", "freeze"}
    assert rows_of() == quiet


def test_every_row_that_a_rule_names_is_in_the_ledger():
    assert {name for names, _ in _RULES for name in names} <= set(NAMES)


def test_a_rule_names_each_row_once():
    assert max(Counter(name for names, _ in _RULES for name in names).values()) == 1


def test_every_row_of_the_ledger_has_a_name_of_its_own():
    assert "" not in NAMES
    assert max(Counter(NAMES).values()) == 1
    assert len(NAMES) > 140
