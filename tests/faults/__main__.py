"""``python -m tests.faults``: inflicts faults at random moments under load, on both set-ups, and prints the table.

Exit status 0 says that nothing was lost, played to a result twice, stuck, left, unsaid or unready; 1 that something
was; 2 that a set-up could not be started. Needs Linux, root, Docker, Redis and PostgreSQL; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from random import Random

from playground.config.environment import CHECKOUT
from tests.faults.embedded import Embedded
from tests.faults.faults import library
from tests.faults.groups import play_group
from tests.faults.production import Production
from tests.faults.table import Table

SETUPS = {"production": Production, "embedded": Embedded}
GROUP = 3
LOGS = CHECKOUT / "var" / "faults"


def main():
    """Returns the exit status."""
    asked = _arguments()
    if asked.show:
        return _show(asked.show)
    # So that whoever ends this program finds nothing of it either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rng, table, started = Random(asked.seed), Table(), time.time()
    try:
        status = max(_try(kind, asked, count, rng, table) for kind, count in _shares(asked))
    finally:
        # Also where somebody ends it early: what was found until then is known.
        _tell(table, asked, started)
    return status or (0 if table.is_zero else 1)


def _shares(asked):
    """Each set-up with how many of the faults are its."""
    kinds = [SETUPS[name] for name in asked.setup or SETUPS]
    return [(kind, (asked.count + len(kinds) - 1 - place) // len(kinds)) for place, kind in enumerate(kinds)]


def _try(kind, asked, count, rng, table):
    """One set-up with all its groups; returns 2 where that broke off: the other one is tried all the same."""
    try:
        with kind() as setup:
            _play(setup, _plan(setup, asked, count, rng), asked, table)
            for left in setup.untold(setup.left_after_the_end()) if table.groups else ():
                table.groups[-1][2][-1].blame("left", f"after the end: {left}")
    except Exception:  # noqa: BLE001 - what was found so far is told
        traceback.print_exc()
        return 2
    return 0


def _show(results):
    table = Table()
    for result in results:
        table.add_stored(json.loads(Path(result).read_text("utf-8"))["groups"])
    _say(table.markdown())
    return 0 if table.is_zero else 1


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Inflict faults and see what holds.")
    parser.add_argument("--count", type=int, default=200, help="how many faults, over both set-ups (default 200)")
    parser.add_argument("--only", action="append", metavar="WORDS", help="only faults whose name has these words")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (default 1)")
    parser.add_argument("--setup", action="append", choices=SETUPS, help="only this set-up")
    parser.add_argument("--cheap", action="store_true", help="only faults that take a few seconds")
    parser.add_argument("--minutes", type=float, default=600, help="begin no group after that long")
    parser.add_argument("--show", nargs="+", metavar="FILE", help="only print the table of these results together")
    parser.add_argument("--result", default=str(CHECKOUT / "var" / "faults.json"), help="where everything is written")
    return parser.parse_args()


def _plan(setup, asked, count, rng):
    """Groups of faults: every one that fits comes equally often, in an order that chance decides."""
    fitting = [
        fault
        for fault in library()
        if setup.name in fault.setups
        and (fault.cheap or not asked.cheap)
        and any(words in fault.name for words in asked.only or [""])
    ]
    if not fitting:
        return []
    chosen = []
    while len(chosen) < count:
        chosen += rng.sample(fitting, len(fitting))
    return [chosen[at : min(at + GROUP, count)] for at in range(0, count, GROUP)]


def _play(setup, groups, asked, table):
    until = time.monotonic() + 60 * asked.minutes
    for number, faults in enumerate(groups, 1):
        if time.monotonic() > until:
            _say(f"the time is over after {number - 1} of {len(groups)} groups")
            return
        seed = asked.seed * 1000 + number
        began = time.monotonic()
        inflicted = play_group(setup, faults, seed)
        table.add(setup.name, seed, inflicted)
        names = ", ".join(each.name for each in inflicted)
        wrong = sum(len(found) for each in inflicted for kind, found in each.problems.items() if kind != "excused")
        _say(f"{setup.name} {number}/{len(groups)} ({time.monotonic() - began:.0f} s) {names}: {wrong} wrong")
        for each in inflicted:
            for kind, found in each.problems.items():
                for sentence in found[:4]:
                    _say(f"    {each.name}: {kind}: {sentence}")
        if wrong:
            _say(f"    logs: {_kept_logs(setup, seed)}")


def _kept_logs(setup, seed):
    """Copies of what the processes have said so far."""
    folder = LOGS / f"{setup.name.replace(' ', '-')}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    for log in [*setup.folder.glob("*.log"), *setup.folder.glob("data/log/*.log")]:
        shutil.copy(log, folder)
    return folder


def _tell(table, asked, started):
    commit = subprocess.run(("git", "-C", str(CHECKOUT), "-c", "safe.directory=*", "rev-parse", "--short", "HEAD"),
                            check=False, capture_output=True, text=True).stdout.strip()  # fmt: skip
    head = {
        "commit": commit,
        "seed": asked.seed,
        "begun": time.strftime("%Y-%m-%d %H:%M", time.gmtime(started)),
        "minutes": round((time.time() - started) / 60, 1),
        "load": os.getloadavg()[0],
        "faults": table.faults,
        "zeros": table.is_zero,
    }
    Path(asked.result).write_text(json.dumps(head | {"groups": table.to_json()}, indent=1), "utf-8")
    _say(f"\n{json.dumps(head)}\n{table.markdown() if table.groups else 'nothing was inflicted'}\n")
    for sentence in table.problems():
        _say(sentence)


def _say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
