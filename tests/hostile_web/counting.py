"""What the suite walked: each test counts what it did, and the end of the run says the sums."""

from collections import Counter

import pytest

_SAYS = "walked: "


@pytest.fixture
def walked(record_property):
    """Counts what a test does, by what it is called."""
    counts = Counter()
    yield counts
    for name, count in counts.items():
        record_property(_SAYS + name, count)


def sums(reports):
    """What all tests of a run did, also where several processes played them."""
    found = Counter()
    for report in reports:
        if report.when == "teardown":
            for name, count in report.user_properties:
                if name.startswith(_SAYS):
                    found[name.removeprefix(_SAYS)] += count
    return found
