"""Twenty cheap faults on both set-ups, in every run of the tests; ``make faults`` inflicts all of them."""

import os
import shutil

import pytest

from sandbox_runner.errors import OurFailure
from tests.contract.engines import missing
from tests.faults.embedded import Embedded
from tests.faults.faults import library
from tests.faults.groups import play_group
from tests.faults.production import Production, postgres_programs
from tests.faults.table import Table

# A worker that is killed leaves volumes for a minute; on that set-up it is left to `make faults`.
ON_PRODUCTION = (
    "database killed",
    "streams cut",
    "broker cuts connections",
    "one sandbox killed",
    "web killed",
    "broker killed, data kept",
    "database cuts connections",
    "all sandboxes killed",
    "broker full 3 s",
    "broker killed, data lost",
)
ON_MAKE_RUN = (
    "web killed",
    "broker cuts connections",
    "one sandbox killed",
    "database locked 3 s",
    "worker killed",
    "streams cut",
    "broker killed, data lost",
    "all sandboxes killed",
    "broker full 3 s",
    "database's disk full 3 s",
)
PROGRAMS = ("unshare", "mount", "setpriv")
SERVERS = ("dockerd", "nsenter", "redis-server", "redis-cli")


@pytest.mark.alone
@pytest.mark.parametrize(
    ("kind", "names"),
    [
        pytest.param(Production, ON_PRODUCTION, marks=[pytest.mark.docker, pytest.mark.postgres], id="production"),
        pytest.param(Embedded, ON_MAKE_RUN, marks=pytest.mark.namespace, id="make run"),
    ],
)
def test_ten_faults_under_load_lose_nothing_and_leave_nothing(kind, names, caplog):
    caplog.set_level("WARNING", "httpx")
    if problem := _lacking(kind):
        missing(problem)
    faults = [next(fault for fault in library() if fault.name == name and kind.name in fault.setups) for name in names]
    table = Table()
    try:
        with kind() as setup:
            inflicted = play_group(setup, faults, seed=1, runs=3, pause_s=0.5)
            inflicted[-1].problems.setdefault("left", []).extend(setup.left_after_the_end())
    except OurFailure as problem:
        missing(problem)
    table.add(kind.name, 1, inflicted)

    assert table.faults == len(names)
    assert sum(each.accepted for each in inflicted) >= 3
    assert table.is_zero, "\n".join(table.problems())


def _lacking(kind):
    """Why these faults cannot be inflicted here, in a sentence, or nothing."""
    if os.geteuid():
        return "inflicting faults mounts small disks and starts an engine, which only root may"
    lacking = [name for name in (*PROGRAMS, *(SERVERS if kind is Production else ())) if not shutil.which(name)]
    if kind is Production and postgres_programs() is None:
        lacking.append("PostgreSQL")
    return f"inflicting faults needs {', '.join(lacking)}" if lacking else ""
