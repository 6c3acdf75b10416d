"""Runs on the real backends, and the few questions that tests ask of them."""

from __future__ import annotations

import json
import re

from sandbox_runner.events.records import EnvironmentReset
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


def played(engine, code, *payloads, runtime="python3.13", **function):
    """The result of one request for each payload, without the proof of a verdict."""
    file = "app.py" if runtime.startswith("python") else "app.mjs"
    asked = scenario(*map(invoke, payloads), **{"runtime": runtime, "files": {file: code}, **function})
    return engine.run(asked, options=RunOptions(prove=False))


def answers(result):
    """What the function returned to each request, or the error object that stands for it."""
    return [json.loads(each.response) for each in result.invocations]


def starts(result):
    """How each request found its environment."""
    return [each.start for each in result.invocations]


def reports(result):
    """Every REPORT line."""
    return [entry.line for entry in result.log if entry.line.startswith("REPORT ")]


def ends(result):
    """How the processes ended that a reset followed."""
    return [each.record.how for each in result.events if isinstance(each.record, EnvironmentReset)]


def lines(result):
    """The whole log."""
    return [entry.line for entry in result.log]


def assert_lines(found, patterns):
    """Each line matches its pattern as a whole, and there are no others."""
    matching = [re.fullmatch(pattern, line, re.DOTALL) for pattern, line in zip(patterns, found, strict=False)]
    assert all(matching), [(p, line) for p, line, m in zip(patterns, found, matching, strict=False) if not m]
    assert len(found) == len(patterns), found
