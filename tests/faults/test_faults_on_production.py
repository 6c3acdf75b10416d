"""Ten cheap faults on PostgreSQL, Redis and an engine of their own; ``make faults`` inflicts all there are."""

import pytest

from tests.faults.production import Production
from tests.faults.ten_faults import lose_nothing_and_leave_nothing

# A worker that is killed leaves volumes for a minute; on this set-up it is left to `make faults`.
NAMES = (
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


@pytest.mark.docker
@pytest.mark.postgres
def test_ten_faults_under_load_lose_nothing_and_leave_nothing_on_production(caplog):
    caplog.set_level("WARNING", "httpx")
    lose_nothing_and_leave_nothing(Production, NAMES)
