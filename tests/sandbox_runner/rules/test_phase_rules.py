"""How long an init may take, and how an environment is ended, by the service's tables."""

import pytest

from sandbox_runner.rules.phases import Extensions, ShutdownRule, init_limit_s, shutdown_rule


@pytest.mark.parametrize(
    ("initialization", "timeout_s", "lowered", "limit_s"),
    [
        ("on-demand", 3, None, 10),
        ("on-demand", 900, None, 10),
        ("on-demand", 3, 0.5, 0.5),
        ("on-demand", 3, 60, 10),
        ("provisioned-concurrency", 3, None, 130),
        ("provisioned-concurrency", 900, None, 900),
        ("provisioned-concurrency", 3, 0.5, 130),
    ],
)
def test_the_init_limit_depends_on_the_initialisation(initialization, timeout_s, lowered, limit_s):
    assert init_limit_s(initialization, timeout_s, lowered) == limit_s


@pytest.mark.parametrize(
    ("registered", "rule"),
    [
        (Extensions(), ShutdownRule(0, sigterm=False)),
        (Extensions(internal=1), ShutdownRule(500, sigterm=True)),
        (Extensions(external=1), ShutdownRule(2000, sigterm=True)),
        (Extensions(internal=2, external=1), ShutdownRule(2000, sigterm=True)),
    ],
)
def test_only_a_registered_extension_gives_time_to_end_and_a_sigterm(registered, rule):
    assert shutdown_rule(registered) == rule
