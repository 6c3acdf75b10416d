"""What tests walked: each counts what it did, and the end of the run says the sums."""

from collections import Counter

import pytest

_SAYS = "walked: "


@pytest.fixture
def walked(record_property):
    """Counts what a test does, by what it is called; of ``viewers: reader`` and the like each name is one."""
    counts = Counter()
    yield counts
    for name, count in counts.items():
        record_property(_SAYS + name, count)


def sums(reports):
    """What all tests of a run did, also where several processes played them."""
    found, named = Counter(), set()
    for report in reports:
        if report.when == "teardown":
            said = [(name.removeprefix(_SAYS), n) for name, n in report.user_properties if name.startswith(_SAYS)]
            named |= {name for name, _ in said if ": " in name}
            found.update({name: n for name, n in said if ": " not in name})
    return found + Counter(name.partition(": ")[0] for name in named)


def pytest_terminal_summary(terminalreporter):
    """Such as ``walked: 130 addresses, 9 viewers, 400 forged posts``."""
    if found := sums(terminalreporter.stats.get("", ())):
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(found.items()))
        terminalreporter.write_line(f"walked: {told}")
