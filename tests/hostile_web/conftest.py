"""The product's surroundings, as for its own tests; and what the suite walked, said at its end."""

from tests.hostile_web.counting import sums, walked  # noqa: F401 - a fixture
from tests.playground.conftest import *  # noqa: F403 - the same fixtures, by their names


def pytest_terminal_summary(terminalreporter):
    """Such as ``the web's strangers: 130 addresses, 400 forged posts``."""
    found = sums(terminalreporter.stats.get("", ()))
    if found:
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(found.items()))
        terminalreporter.write_line(f"the web's strangers: {told}")
