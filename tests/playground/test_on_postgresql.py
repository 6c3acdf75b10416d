"""What databases answer differently, on the database of a team: PostgreSQL instead of SQLite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from playground.config.environment import CHECKOUT
from tests.contract.engines import missing

HERE = Path(__file__).parent
# Nothing else is collected: that would take longer than to play them.
MARKED = sorted(str(file) for file in HERE.rglob("test_*.py") if "pytest.mark.database" in file.read_text("utf-8"))
NO_SERVER = "not postgres and not namespace and not docker and not e2e"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("chosen", "where"),
    [
        pytest.param("database", MARKED, id="database"),
        pytest.param(NO_SERVER, [str(HERE)], id="everything", marks=pytest.mark.matrix),
    ],
)
def test_the_product_passes_on_postgresql(chosen, where):
    url = os.environ.get("HOLDOVER_TEST_POSTGRES_URL")
    if not url:
        missing("HOLDOVER_TEST_POSTGRES_URL names no PostgreSQL server; scripts/with-services provides one")

    command = [sys.executable, "-m", "pytest", *where, "-q", "-m", chosen]
    found = subprocess.run(command, cwd=CHECKOUT, env=_environ(url), capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout[-4000:]


def _environ(url):
    """Of a run of its own, not of a part of this one, which uses the Redis server."""
    not_its = ("PYTEST_", "HOLDOVER_TEST_REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(not_its)} | {
        "HOLDOVER_DATABASE_URL": url
    }
