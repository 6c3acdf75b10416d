"""What databases answer differently, on the database of a team: PostgreSQL instead of SQLite."""

import os
import subprocess
import sys

import pytest

from playground.config.environment import CHECKOUT
from tests.contract.engines import missing


@pytest.mark.postgres
@pytest.mark.parametrize(
    "chosen",
    [
        "database",
        pytest.param("not postgres and not namespace and not docker and not e2e", marks=pytest.mark.matrix),
    ],
)
def test_the_product_passes_on_postgresql(chosen):
    url = os.environ.get("HOLDOVER_TEST_POSTGRES_URL")
    if not url:
        missing("HOLDOVER_TEST_POSTGRES_URL names no PostgreSQL server; scripts/with-services provides one")

    command = [sys.executable, "-m", "pytest", "tests/playground", "-q", "-m", chosen]
    found = subprocess.run(command, cwd=CHECKOUT, env=_environ(url), capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout[-4000:]


def _environ(url):
    """Of a run of its own, not of a part of this one, which uses the Redis server."""
    not_its = ("PYTEST_", "HOLDOVER_TEST_REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(not_its)} | {
        "HOLDOVER_DATABASE_URL": url
    }
