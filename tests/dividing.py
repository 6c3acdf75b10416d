"""How a run is divided among the processes of pytest-xdist, and what it leaves to ``make test-matrix``.

A file's tests stay together, because they share what their module has made, and so do the browser tests. What takes
longest comes first, so that no process is left with much to do while the other has nothing; before it the tests that
mostly wait.
A test that is marked ``alone`` asserts on time: while one runs, no other process plays a test. These come last, when
what they wait for is short.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER = ("e2e", "pages")
WAITING = "faults"
SLOW_MARKS = ("e2e", "namespace", "docker", "postgres")


def leave_to_the_matrix(items, folder, is_left):
    """Mark those tests below ``folder`` that only the whole matrix plays."""
    for item in below(folder, items):
        if is_left(item):
            item.add_marker(pytest.mark.matrix)


def below(folder, items):
    """The tests below ``folder``. Many folders ask that of thousands of tests, so that no path is taken apart."""
    inside = f"{folder}{os.sep}"
    return [item for item in items if str(item.path).startswith(inside)]


def is_on(backend, item):
    """Whether the test plays on this real backend."""
    return item.get_closest_marker(backend) is not None


def number_of_this_process():
    """0 where a run is not divided; a number of its own for each process of one that is."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


class Turns:
    """Many tests at once or one alone, among all processes of a run.

    Whoever wants to be alone keeps the gate shut while it waits, so that it is not overtaken for ever.
    """

    def __init__(self, folder):
        self._gate, self._room = (os.open(folder / name, os.O_CREAT | os.O_RDWR) for name in ("gate", "room"))
        self._alone = False
        self._folder = folder

    def take(self, *, alone):
        if alone and self._alone:
            return
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        self._alone = alone
        if not alone:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def give_back(self):
        self._alone = False
        fcntl.flock(self._room, fcntl.LOCK_UN)
        fcntl.flock(self._gate, fcntl.LOCK_UN)

    def remove(self):
        """Leave no folder behind; processes that go on have the files open."""
        shutil.rmtree(self._folder, ignore_errors=True)


class Dividing:
    """Groups and orders tests; lets those that assert on time have the machine."""

    def __init__(self, config):
        self._turns = None
        if number := os.environ.get("PYTEST_XDIST_TESTRUNUID"):
            folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"holdover-tests-{number}"
            folder.mkdir(exist_ok=True)
            self._turns = Turns(folder)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config, log):
        return ByGroup(config, log)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        slow = Counter(group(item.nodeid) for item in items for mark in SLOW_MARKS if item.get_closest_marker(mark))
        items.sort(key=lambda item: _place(item, slow))

    def pytest_unconfigure(self):
        if self._turns is not None:
            self._turns.remove()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        if self._turns is None:
            return (yield)
        self._turns.take(alone=_is_alone(item))
        try:
            return (yield)
        finally:
            if not (_is_alone(item) and nextitem is not None and _is_alone(nextitem)):
                self._turns.give_back()


class ByGroup(LoadScopeScheduling):
    """Gives each process whole groups; pytest-xdist 3.8 does not see its own markers with pytest 9.2."""

    def _split_scope(self, nodeid):
        return group(nodeid)


def group(nodeid):
    """What is played by one process: the browser tests of a folder, elsewhere a file."""
    file = nodeid.split("::")[0]
    folder = Path(file).parent.name
    return folder if folder in BROWSER else file


def _place(item, slow):
    """Where an item stands in the order of all."""
    its = group(item.nodeid)
    return _is_alone(item), item.path.parent.name != WAITING, its not in BROWSER, -slow[its]


def _is_alone(item):
    return item.get_closest_marker("alone") is not None
