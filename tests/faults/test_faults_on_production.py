"""Cheap faults on PostgreSQL, Redis and an engine of their own; ``make faults`` inflicts all there are."""

import pytest

from tests.faults.production import Production
from tests.faults.ten_faults import lose_nothing_and_leave_nothing

# What this set-up does not share with `make run`, whose test inflicts the others.
ITS_OWN = (
    "database killed",
    "one sandbox killed",
    "broker killed, data kept",
    "database cuts connections",
    "all sandboxes killed",
)
# A worker that is killed leaves volumes for a minute; on this set-up it is left to `make faults`.
SHARED = ("streams cut", "broker cuts connections", "web killed", "broker full 3 s", "broker killed, data lost")


@pytest.mark.docker
@pytest.mark.postgres
@pytest.mark.parametrize(
    "names", [pytest.param(ITS_OWN, id="its own"), pytest.param(SHARED, id="shared", marks=pytest.mark.matrix)]
)
def test_faults_under_load_lose_nothing_and_leave_nothing_on_production(names, caplog):
    caplog.set_level("WARNING", "httpx")
    lose_nothing_and_leave_nothing(Production, names)
