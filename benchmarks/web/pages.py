"""What every address costs with the dearest input that it may have: seconds of processor and bytes, GET and POST."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Final

from benchmarks.web.library import ROOT

GOAL_S: Final = 0.5


def pages() -> list[str]:
    """The part as lines, the dearest first."""
    with tempfile.TemporaryDirectory(prefix="holdover-bench-") as folder:
        environment = os.environ | {
            "HOLDOVER_DATA": folder,
            "HOLDOVER_DATABASE_URL": f"sqlite:///{folder}/pages.sqlite3",
            "HOLDOVER_ALLOWED_HOSTS": "testserver",
        }
        prepared = (
            ["manage.py", "migrate", "--verbosity=0"],
            ["manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        )
        for command in (*prepared, ["-m", "benchmarks.web.pages_times"]):
            done = subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
            )
    rows = sorted(json.loads(done.stdout), key=lambda row: -row["seconds"])
    reads = [row for row in rows if row["method"] == "GET"]
    over = [row for row in reads if row["seconds"] > GOAL_S]
    verdict = "met" if not over else f"MISSED by {len(over)}"
    goal = f"  {len(reads)} GETs, goal < {GOAL_S:g} s of processor each: {verdict}"
    return ["\npages with the dearest input", *map(_line, rows), goal]


def _line(row: dict[str, object]) -> str:
    return "  {method:<4} {route:<58} {status} {seconds:8.3f} s {size:>11,} bytes".format(**row)
