"""Ten cheap faults on what ``make run`` starts; ``make faults`` inflicts all there are."""

import pytest

from tests.faults.embedded import Embedded
from tests.faults.ten_faults import lose_nothing_and_leave_nothing

NAMES = (
    "web killed",
    "broker cuts connections",
    "one sandbox killed",
    "database locked 3 s",
    "worker killed",
    "streams cut",
    "broker killed, data lost",
    "all sandboxes killed",
    "broker full 3 s",
    "database's disk full 3 s",
)


@pytest.mark.namespace
def test_ten_faults_under_load_lose_nothing_and_leave_nothing_on_make_run(caplog):
    caplog.set_level("WARNING", "httpx")
    lose_nothing_and_leave_nothing(Embedded, NAMES)
