"""Live sessions over the API: who opens one has its address, and nobody else ends it."""

import pytest

from playground.experiments.live_session import LiveSession
from playground.infrastructure import redis_client
from playground.runs.live import relay

pytestmark = pytest.mark.django_db
SCENARIO = "function: {runtime: python3.13, handler: app.handler, files: {app.py: 'x = 1'}}\nsteps: [{invoke: {}}]"


def opened(client, **headers):
    return client.post("/api/v1/sessions", {"scenario": SCENARIO}, content_type="application/json", headers=headers)


def wished(client, address, what, **headers):
    return client.post(f"/api/v1/sessions/{address}/{what}", {}, content_type="application/json", headers=headers)


@pytest.fixture
def held(client):
    """A session that a stranger opened and a worker holds."""
    assert opened(client).status_code == 202
    session = LiveSession.objects.get()
    relay.hold(redis_client.redis(), session.address, "a worker")
    return session


def test_a_session_is_opened_and_its_address_told(client):
    told = opened(client).json()
    session = LiveSession.objects.get(run_id=told["id"])
    assert told["live_url"] == f"http://testserver/live/{session.address}/"
    assert told["claim_url"].startswith("http://testserver/x/")


@pytest.mark.parametrize(("what", "wish"), [("end", "end"), ("extend", "extend")])
def test_who_has_the_address_of_nobodys_session_ends_it_and_gives_it_more_time(client, held, what, wish):
    assert wished(client, held.address, what).status_code == 202
    assert relay.receive(redis_client.redis(), held.address, 0).wish == wish


def test_a_persons_session_is_ended_by_them_alone(client, held, django_user_model):
    owner = django_user_model.objects.create_user("owner")
    type(held.run).objects.filter(pk=held.run_id).update(owner=owner)
    assert wished(client, held.address, "end").status_code == 403
    assert relay.receive(redis_client.redis(), held.address, 0) is None


def test_a_session_that_no_worker_holds_cannot_be_ended(client):
    opened(client)
    assert wished(client, LiveSession.objects.get().address, "end").status_code == 409


def test_a_session_is_not_said_to_be_gone_where_the_broker_is_away(client, broker_away):
    opened(client)
    assert wished(client, LiveSession.objects.get().address, "end").status_code == 503


def test_a_session_with_as_much_waiting_as_it_takes_is_asked_again_later(client, held):
    for _ in range(relay.WAITING_MAX):
        relay.send(redis_client.redis(), held.address, relay.Message(wish="extend"))
    assert wished(client, held.address, "end").status_code == 503


@pytest.mark.parametrize("address", ["a" * 32, "x"])
def test_an_address_that_is_none_is_not_found(client, address):
    assert wished(client, address, "end").status_code == 404


def test_as_many_are_open_as_may(client, configure):
    configure(live_sessions_per_client=1)
    assert opened(client).status_code == 202
    refused = opened(client)
    assert refused.status_code == 429
    assert "end one of them first" in refused.json()["detail"]
