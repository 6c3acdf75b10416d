"""The same tests on the database of a team: PostgreSQL instead of SQLite."""

import os
import subprocess
import sys

import pytest

from playground.configuration import CHECKOUT
from tests.contract.engines import missing

NOT_AGAIN = "not postgres and not namespace and not docker and not e2e"


@pytest.mark.postgres
def test_every_test_of_the_product_passes_on_postgresql():
    url = os.environ.get("HOLDOVER_TEST_POSTGRES_URL")
    if not url:
        missing("HOLDOVER_TEST_POSTGRES_URL names no PostgreSQL server; scripts/with-services provides one")

    command = [sys.executable, "-m", "pytest", "tests/playground", "-q", "-m", NOT_AGAIN]
    environ = os.environ | {"HOLDOVER_DATABASE_URL": url}
    found = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout[-4000:]
