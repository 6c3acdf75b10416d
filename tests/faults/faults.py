"""The library of faults: each says what it does, where it can be done, and what it excuses."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from tests.faults.keeping import stopped, wait_until
from tests.faults.setups import full

if TYPE_CHECKING:
    from collections.abc import Callable

BOTH = ("production", "make run")
PRODUCTION = ("production",)
EMBEDDED = ("make run",)
CLOCK_S = 60


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    :param inflict: does it, and returns when it is over; it is given the set-up, the load and a source of chance.
    :param silences: the web process is away meanwhile, so that nobody can answer.
    :param ends_runs: what it hits may be over for a run, which then says so; anything else plays every run to its end.
    :param cheap: it takes a few seconds.
    """

    name: str
    inflict: Callable[[Any, Any, Any], None]
    setups: tuple[str, ...] = BOTH
    silences: bool = False
    ends_runs: bool = False
    cheap: bool = False


def killed(setup, load, rng, role, away_s=1.0):
    setup.kill(role, away_s)
    time.sleep(away_s)


def killed_for_a_while(setup, load, rng, role):
    killed(setup, load, rng, role, away_s=rng.uniform(6, 15))


def asked_to_end(setup, load, rng, role):
    os.kill(setup.pid(role), signal.SIGTERM)
    time.sleep(3)


def stopped_for(setup, load, rng, role, seconds):
    with stopped(setup.pid(role)):
        time.sleep(seconds)


def broker_loses_its_data(setup, load, rng):
    setup.forget = True
    try:
        setup.kill("broker")
        pid = setup.pid("broker")
        wait_until("the broker is back", lambda: setup.pid("broker") != pid, 10)
    finally:
        setup.forget = False


def broker_cuts_connections(setup, load, rng):
    with contextlib.closing(setup.broker()) as broker:
        broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        broker.execute_command("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes")


def broker_full(setup, load, rng, seconds):
    with contextlib.closing(setup.broker()) as broker:
        broker.config_set("maxmemory-policy", "noeviction")
        broker.config_set("maxmemory", 1)
    time.sleep(seconds)
    with contextlib.closing(setup.broker()) as broker, contextlib.suppress(RedisError):
        broker.config_set("maxmemory", 0)


def disk_full(setup, load, rng, seconds, disk="disk"):
    with full(getattr(setup, disk)):
        time.sleep(seconds)


def database_locked(setup, load, rng, seconds):
    with setup.locked_database():
        time.sleep(seconds)


def database_read_only(setup, load, rng, seconds):
    with setup.read_only_database():
        time.sleep(seconds)


def database_stopped(setup, load, rng, seconds):
    setup.stop_database(seconds)


def database_cuts_connections(setup, load, rng):
    setup.cut_database()


def database_connections_taken(setup, load, rng, seconds):
    with setup.no_connection_left():
        time.sleep(seconds)


def streams_cut(setup, load, rng):
    load.cut_streams()


def one_sandbox_killed(setup, load, rng):
    if names := sorted(setup.sandboxes()):
        setup.kill_sandbox(rng.choice(names))


def all_sandboxes_killed(setup, load, rng):
    for name in setup.sandboxes():
        setup.kill_sandbox(name)


def clock_jumps(setup, load, rng, seconds):
    setup.clock_file.write_text(str(CLOCK_S))
    time.sleep(seconds)
    setup.clock_file.unlink()


def everything_killed(setup, load, rng):
    setup.kill_everything()
    time.sleep(2)


def one_of_two_workers_killed(setup, load, rng):
    with setup.another_worker(restart=False) as second:
        time.sleep(rng.uniform(3, 6))
        second.kill(away_s=float("inf"))


def one_of_two_workers_stopped(setup, load, rng, seconds):
    with setup.another_worker() as second:
        time.sleep(rng.uniform(3, 6))
        with stopped(second.pid):
            time.sleep(seconds)
        time.sleep(8)


def another_version_beside(setup, load, rng):
    with setup.another_worker(setup.another_version):
        time.sleep(15)


def library():
    """Every fault there is."""
    return (
        Fault("worker killed", partial(killed, role="worker"), ends_runs=True, cheap=True),
        Fault("worker asked to end", partial(asked_to_end, role="worker"), cheap=True),
        Fault("worker stopped 5 s", partial(stopped_for, role="worker", seconds=5), cheap=True),
        Fault("worker stopped 15 s", partial(stopped_for, role="worker", seconds=15)),
        Fault("worker stopped 30 s", partial(stopped_for, role="worker", seconds=30)),
        Fault("worker stopped 60 s", partial(stopped_for, role="worker", seconds=60)),
        Fault("one of two workers killed", one_of_two_workers_killed, PRODUCTION, ends_runs=True),
        Fault("one of two workers stopped 15 s", partial(one_of_two_workers_stopped, seconds=15), PRODUCTION),
        Fault("one of two workers stopped 60 s", partial(one_of_two_workers_stopped, seconds=60), PRODUCTION),
        Fault("another version of the worker beside it", another_version_beside, PRODUCTION),
        Fault("worker's clock a minute ahead", partial(clock_jumps, seconds=12)),
        Fault("web killed", partial(killed, role="web"), silences=True, cheap=True),
        Fault("web stopped 5 s", partial(stopped_for, role="web", seconds=5), silences=True, cheap=True),
        Fault("web stopped 15 s", partial(stopped_for, role="web", seconds=15), silences=True),
        Fault("streams cut", streams_cut, cheap=True),
        Fault("broker killed, data kept", partial(killed, role="broker"), PRODUCTION, cheap=True),
        Fault("broker killed, data lost", broker_loses_its_data, PRODUCTION, cheap=True),
        Fault("broker killed, data lost", partial(killed, role="broker"), EMBEDDED, cheap=True),
        Fault("broker away 6-15 s", partial(killed_for_a_while, role="broker"), PRODUCTION),
        Fault("broker stopped 5 s", partial(stopped_for, role="broker", seconds=5), cheap=True),
        Fault("broker stopped 15 s", partial(stopped_for, role="broker", seconds=15)),
        Fault("broker stopped 30 s", partial(stopped_for, role="broker", seconds=30)),
        Fault("broker stopped 60 s", partial(stopped_for, role="broker", seconds=60)),
        Fault("broker cuts connections", broker_cuts_connections, cheap=True),
        Fault("broker full 3 s", partial(broker_full, seconds=3), cheap=True),
        Fault("broker full 15 s", partial(broker_full, seconds=15)),
        Fault("broker's disk full 10 s", partial(disk_full, seconds=10, disk="broker_disk"), PRODUCTION),
        Fault("database's disk full 3 s", partial(disk_full, seconds=3), cheap=True),
        Fault("database's disk full 15 s", partial(disk_full, seconds=15)),
        Fault("database locked 3 s", partial(database_locked, seconds=3), cheap=True),
        Fault("database locked 20 s", partial(database_locked, seconds=20)),
        Fault("database locked 40 s", partial(database_locked, seconds=40)),
        Fault("database read-only 10 s", partial(database_read_only, seconds=10)),
        Fault("database killed", partial(killed, role="database"), PRODUCTION, cheap=True),
        Fault("database away 6-15 s", partial(killed_for_a_while, role="database"), PRODUCTION),
        Fault("database stopped 15 s", partial(database_stopped, seconds=15), PRODUCTION),
        Fault("database stopped 30 s", partial(database_stopped, seconds=30), PRODUCTION),
        Fault("database cuts connections", database_cuts_connections, PRODUCTION, cheap=True),
        Fault("database's connections taken 8 s", partial(database_connections_taken, seconds=8), PRODUCTION),
        Fault("engine killed", partial(killed, role="engine"), PRODUCTION),
        Fault("engine away 6-15 s", partial(killed_for_a_while, role="engine"), PRODUCTION),
        Fault("engine stopped 20 s", partial(stopped_for, role="engine", seconds=20), PRODUCTION),
        Fault("one sandbox killed", one_sandbox_killed, ends_runs=True, cheap=True),
        Fault("all sandboxes killed", all_sandboxes_killed, ends_runs=True, cheap=True),
        Fault("everything killed", everything_killed, silences=True, ends_runs=True),
        Fault("make run killed", partial(killed, role="supervisor"), EMBEDDED, silences=True, ends_runs=True),
    )
