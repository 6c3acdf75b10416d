"""The library with a hundred thousand experiments: what searches and pages take, on both databases.

Each database is made, filled and measured in processes of its own, because a Django process has one database.
``HOLDOVER_TEST_POSTGRES_URL`` names the PostgreSQL server, as ``scripts/with-services`` does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from benchmarks.figures import Measured, heading

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
GOALS_MS: Final = {"PostgreSQL": 50.0, "SQLite": 150.0}


def library(rounds: int, experiments: int) -> list[str]:
    """The part as lines."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="holdover-bench-") as folder:
        lines += _measured("SQLite", f"sqlite:///{folder}/library.sqlite3", rounds, experiments)
    server = os.environ.get("HOLDOVER_TEST_POSTGRES_URL")
    if not server:
        return [*lines, "\nlibrary, PostgreSQL: not measured: HOLDOVER_TEST_POSTGRES_URL names no server"]
    with postgresql_database(server) as url:
        return lines + _measured("PostgreSQL", url, rounds, experiments)


def _measured(database: str, url: str, rounds: int, experiments: int) -> list[str]:
    for command in (["migrate", "--verbosity=0"], ["generate_experiments", str(experiments)]):
        _python(url, "manage.py", *command)
    said = json.loads(_python(url, "-m", "benchmarks.web.library_times", str(rounds)))
    timed = [Measured(name, (tuple(samples),)) for name, samples in said.items()]
    title = f"library of {experiments:,} experiments, {database}"
    goals = [_goal(one, GOALS_MS[database]) for one in timed if one.name.startswith("search")]
    return [heading(title), *(one.line() for one in timed), *goals]


def _goal(measured: Measured, goal_ms: float) -> str:
    p95_ms = measured.percentile(0.95)
    verdict = "met" if p95_ms < goal_ms else "MISSED"
    return f"  {measured.name}: p95 {p95_ms:.1f} ms   goal < {goal_ms:g} ms: {verdict}"


def _python(url: str, *arguments: str) -> str:
    environment = os.environ | {"HOLDOVER_DATABASE_URL": url}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


@contextmanager
def postgresql_database(server: str) -> Iterator[str]:
    """A database of the benchmark's own on that server."""
    name = f"holdover_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
