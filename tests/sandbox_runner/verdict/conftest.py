"""Makes the builder of event logs importable for the tests beside it."""

import pytest

from tests.sandbox_runner.verdict.built_runs import BuiltRun


@pytest.fixture
def two_tenants():
    """Two requests of two principals, the second warm; answers, replays and walks are the test's to add."""

    def build(first="alice-7Qx", second="bob-91Kz", **more) -> BuiltRun:
        return BuiltRun(({"v": first}, "tenant-a"), ({"v": second}, "tenant-b"), **more)

    return build
