"""Prints where a run's time went, folder by folder, and how many tests were left out of it.

CPU seconds are those of pytest's own processes and of the children they waited for; what a Docker engine spends on a
container is the engine's. ``--write-result`` writes the same to a file, with date, commit and counts.
"""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Spent:
    """What the tests of one folder took."""

    tests: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0


def cpu_s():
    """CPU seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def folder(nodeid):
    """``tests/leaks`` of ``tests/leaks/test_corpus.py::test_a``."""
    return "/".join(nodeid.split("::")[0].split("/")[:2])


class RunningTime:
    """Counts in each process that plays tests; the one that reports adds up."""

    def __init__(self, config):
        self._config = config
        self._begun_s = time.monotonic()
        self._before_s = cpu_s()
        self._spent = defaultdict(Spent)
        self._deselected = 0

    def pytest_deselected(self, items):
        self._deselected += len(items)

    def pytest_collection_finish(self):
        self._before_s = cpu_s()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self):
        report = yield
        now_s = cpu_s()
        # An attribute of a report travels with it from a process of pytest-xdist.
        report.cpu_s, self._before_s = now_s - self._before_s, now_s
        return report

    def pytest_runtest_logreport(self, report):
        spent = self._spent[folder(report.nodeid)]
        spent.tests += report.when == "setup"
        spent.wall_s += report.duration
        spent.cpu_s += getattr(report, "cpu_s", 0.0)

    def pytest_sessionfinish(self, session):
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["deselected"] = self._deselected

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        # Each process collects, and leaves out, the same.
        self._deselected = max(self._deselected, getattr(node, "workeroutput", {}).get("deselected", 0))

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("running time by folder")
        for name, spent in self._longest_first():
            terminalreporter.line(f"{spent.wall_s:8.1f} s {spent.cpu_s:8.1f} s CPU {spent.tests:6} tests  {name}")
        terminalreporter.line(f"{self._deselected} tests deselected{self._why()}")
        if path := self._config.getoption("write_result"):
            counts = Counter({what: len(reports) for what, reports in terminalreporter.stats.items()})
            Path(path).write_text(self._written(counts), "utf-8")

    def _longest_first(self):
        return sorted(self._spent.items(), key=lambda item: -item[1].wall_s)

    def _why(self):
        asked = [f"-{name[0]} '{said}'" for name in ("markexpr", "keyword") if (said := self._config.getoption(name))]
        return f" by {' '.join(asked)}" if self._deselected and asked else ""

    def _written(self, counts):
        outcomes = [f"{counts[what]} {what}" for what in ("passed", "failed", "error", "skipped")]
        minutes = (time.monotonic() - self._begun_s) / 60
        rows = [f"| {name} | {spent.tests} | {spent.wall_s:.0f} |" for name, spent in self._longest_first()]
        return "\n".join(
            [
                "# The test matrix, the last time it was run",
                "",
                "Written by `make test-matrix`: the tests that `make test` leaves out, on every backend and runtime.",
                "",
                f"- Date: {dt.datetime.now(dt.UTC):%Y-%m-%d}",
                f"- Commit: {_commit()}",
                f"- Tests: {', '.join(outcomes)}, {self._deselected} deselected",
                f"- Took: {minutes:.0f} minutes",
                "",
                "| folder | tests | seconds |",
                "|---|---:|---:|",
                *rows,
                "",
            ]
        )


def _commit():
    """The commit that was tested, and whether it was as it is stored."""
    git = ["git", "-c", "safe.directory=*"]
    commit, changed = (
        subprocess.run([*git, *what], capture_output=True, text=True, check=False).stdout.strip()
        for what in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain"])
    )
    return f"{commit}, changed since" if changed else commit
