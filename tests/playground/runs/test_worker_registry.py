"""Which workers are alive."""

import json
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

from playground.config.environment import CHECKOUT
from playground.infrastructure import redis_client
from playground.runs import worker_registry
from playground.runs.worker import worker_name
from playground.runs.worker_registry import Condition, LiveOwners, Presence, engine_away


def test_a_worker_that_says_it_is_ready_is_present_until_it_says_it_is_gone():
    worker_registry.register("holdover-1/a", "docker", "a container")
    assert worker_registry.present_workers(redis_client.redis()) == (Presence("holdover-1/a", "docker", "a container"),)

    worker_registry.unregister("holdover-1/a")
    assert worker_registry.present_workers(redis_client.redis()) == ()


def test_a_worker_that_says_nothing_any_more_is_forgotten():
    worker_registry.register("holdover-1/a", "docker", "a container")

    key = "holdover:worker:holdover-1/a"
    assert 0 < redis_client.redis().ttl(key) <= worker_registry.PRESENCE_S


def compose_asks(broker):
    """What compose's health check of a worker ends with, here."""
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    _, _, option, code = compose["services"]["worker"]["healthcheck"]["test"]
    asked = subprocess.run([sys.executable, option, code], env={"HOLDOVER_REDIS_URL": broker}, check=False)
    return asked.returncode


def test_a_worker_is_well_for_compose_while_its_heartbeat_is_there():
    broker = settings.HOLDOVER.redis_url
    worker_registry.register("ours/of-another-host-7-ab", "docker", "a container")
    before = compose_asks(broker)
    # One more than this process, whose own name other tests register and unregister.
    worker_registry.register(f"{worker_name()}0", "docker", "a container")

    assert (before, compose_asks(broker)) == (1, 0), redis_client.redis().keys("holdover:worker:*")


OWNERS = {
    "a worker that was heard of": ("ours/alive", True),
    "a worker of ours that was not": ("ours/dead", False),
    "another installation on the same machine": ("theirs/x", True),
    "a run of the command line": ("run-0123", True),
    "an installation whose name begins like ours": ("ours-2/x", True),
}


@pytest.mark.parametrize(("owner", "stays"), OWNERS.values(), ids=OWNERS.keys())
def test_only_the_sandboxes_of_our_own_dead_are_swept(owner, stays):
    owners = LiveOwners("ours")
    owners.record_live(["ours/alive"])

    assert (owner in owners) is stays


@pytest.mark.parametrize(
    "say", [worker_registry.register_starting, lambda name: worker_registry.register(name, "docker", "a container")]
)
def test_the_sandboxes_of_a_worker_that_has_just_started_stay(say):
    """The one that sweeps heard last who is alive before this one was."""
    owners = LiveOwners("ours")
    owners.record_live(["ours/alive"])

    say("ours/new")
    assert "ours/new" in owners

    worker_registry.unregister("ours/new")
    assert "ours/new" not in owners


def test_a_worker_that_starts_is_not_called_ready():
    worker_registry.register_starting("ours/new")

    assert worker_registry.present_workers(redis_client.redis()) == ()


def test_nobodys_sandboxes_are_swept_while_the_broker_is_away(broker_away):
    assert "ours/dead" in LiveOwners("ours")


def test_a_worker_that_a_forgetful_broker_lost_counts_as_alive_for_a_while():
    now_s = [0.0]
    owners = LiveOwners("ours", clock=lambda: now_s[0])
    owners.record_live(["ours/a"])

    now_s[0] = worker_registry.PRESENCE_S
    owners.record_live([])
    assert "ours/a" in owners

    now_s[0] = 2 * worker_registry.PRESENCE_S
    owners.record_live([])
    assert "ours/a" not in owners


def test_how_a_worker_is_grows_older_while_it_says_nothing():
    worker_registry.register("holdover-1/a", "docker", "", Condition("nothing listens", 1.0, 2.0))
    redis_client.redis().pexpire("holdover:condition:holdover-1/a", (worker_registry.PRESENCE_S - 10) * 1000)

    (worker,) = worker_registry.present_workers(redis_client.redis())

    assert worker.condition.engine == "nothing listens"
    assert 11 <= worker.condition.engine_age_s < 20
    assert worker.condition.sweep_age_s == pytest.approx(worker.condition.engine_age_s + 1)


def test_a_worker_of_an_earlier_version_says_not_how_it_is_and_counts_as_well():
    redis_client.redis().set("holdover:worker:old", json.dumps(["docker", "a container"]), ex=30)

    (worker,) = worker_registry.present_workers(redis_client.redis())

    assert (worker.condition, worker.makes_sandboxes) == (None, True)


def test_a_worker_of_an_earlier_version_can_read_who_is_there():
    worker_registry.register("holdover-1/a", "docker", "a container", Condition())

    assert json.loads(redis_client.redis().get("holdover:worker:holdover-1/a")) == ["docker", "a container"]


@pytest.mark.parametrize(
    ("engines", "is_away"),
    [((), False), (("",), False), (("gone",), True), (("gone", ""), False), (("gone", "gone"), True)],
    ids=["nobody is there", "it answers", "it does not", "another's does", "none does"],
)
def test_runs_wait_for_an_engine_where_no_worker_has_one(engines, is_away):
    for number, problem in enumerate(engines):
        worker_registry.register(f"holdover-1/{number}", "docker", "", Condition(problem))

    assert engine_away(redis_client.redis()) == is_away
