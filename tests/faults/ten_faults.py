"""What the tests of both set-ups do: inflict a few faults under load, and look at what is left."""

import os
import shutil

from sandbox_runner.errors import OurFailure
from tests.contract.engines import missing
from tests.faults.faults import library
from tests.faults.groups import play_group
from tests.faults.production import Production, postgres_programs
from tests.faults.table import Table

PROGRAMS = ("unshare", "mount", "setpriv")
SERVERS = ("dockerd", "nsenter", "redis-server", "redis-cli")


def lose_nothing_and_leave_nothing(kind, names):
    """Assert that of what is accepted while the named faults are inflicted nothing is lost, and nothing is left."""
    if problem := _lacking(kind):
        missing(problem)
    faults = [next(fault for fault in library() if fault.name == name and kind.name in fault.setups) for name in names]
    table = Table()
    try:
        with kind() as setup:
            inflicted = play_group(setup, faults, seed=1, runs=3, pause_s=0.5)
            inflicted[-1].problems.setdefault("left", []).extend(setup.left_after_the_end())
            complaints = _complaints(setup.folder)
    except OurFailure as problem:
        missing(problem)
    table.add(kind.name, 1, inflicted)

    assert table.faults == len(names)
    assert sum(each.accepted for each in inflicted) >= 3
    assert table.is_zero, "\n".join([*table.problems(), *complaints])


def _complaints(folder):
    """The last errors in the logs of a set-up, which is gone when its figures are looked at."""
    logs = sorted(folder.glob("**/*.log"))
    lines = (line for log in logs for line in log.read_text("utf-8", "replace").splitlines())
    return [line[:1000] for line in lines if '"level": "error"' in line][-10:]


def _lacking(kind):
    """Why these faults cannot be inflicted here, in a sentence, or nothing."""
    if os.geteuid():
        return "inflicting faults mounts small disks and starts an engine, which only root may"
    lacking = [name for name in (*PROGRAMS, *(SERVERS if kind is Production else ())) if not shutil.which(name)]
    if kind is Production and postgres_programs() is None:
        lacking.append("PostgreSQL")
    return f"inflicting faults needs {', '.join(lacking)}" if lacking else ""
