"""Going live from the pages: who sees the address, who ends the session, and how many may be open."""

import pytest
from django.test import Client

from playground.experiments.live_session import LiveSession
from playground.experiments.models import Run, Status
from playground.infrastructure import redis_client
from playground.runs.live import relay
from playground.runs.live_stream import LivePublisher
from sandbox_runner.events.records import Event, RunStarted, SessionOpened
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


def go_live(client, run):
    response = client.post(f"/r/{run.id}/go-live")
    assert response.status_code == 302
    return LiveSession.objects.get(run_id=response.url.removeprefix("/r/"))


def held(session):
    """A worker holds it; its messages wait in the broker."""
    relay.hold(redis_client.redis(), session.address, "a worker")
    Run.objects.filter(pk=session.run_id).update(status=Status.RUNNING)
    publisher = LivePublisher(redis_client.redis(), session.run_id, "a worker")
    publisher.begin()
    for number, record in enumerate(
        [RunStarted(at_epoch_ms=1_767_574_800_000, backend="fake", steps=0), SessionOpened(idle_s=900, total_s=3600)], 1
    ):
        publisher.add(Event(seq=number, at_us=0, service_at_us=0, record=record))
    publisher.flush()


def wishes(session):
    found = []
    while message := relay.receive(redis_client.redis(), session.address, 0):
        found.append(message.wish)
    return found


def test_a_session_is_opened_from_a_run_and_its_page_has_the_address_and_lines_to_type(client):
    session = go_live(client, a_run())
    held(session)

    page = client.get(f"/r/{session.run_id}").content.decode()

    url = f"http://testserver/live/{session.address}/"
    assert f'data-copy-text="curl &#x27;{url}?message=hoge&#x27;\ncurl &#x27;{url}?message=fuga&#x27;"' in page
    assert "End and prove" in page
    assert "01:15:00 UTC" in page


def test_a_session_is_opened_from_a_revision(client):
    run = a_run()
    response = client.post(f"/x/{run.revision.experiment_id}/revisions/{run.revision.number}/go-live")
    assert LiveSession.objects.get().run.get_absolute_url() == response.url


def test_a_session_is_opened_from_the_form(client):
    text = "function: {runtime: python3.13, handler: app.handler, files: {app.py: 'x = 1'}}\nsteps: [{invoke: {}}]"
    response = client.post("/", {"action": "live", "scenario": text})
    assert LiveSession.objects.get().run.get_absolute_url() == response.url


def test_another_browser_sees_no_address_and_cannot_end_the_session(client):
    session = go_live(client, a_run())
    held(session)
    other = Client()

    assert session.address not in other.get(f"/r/{session.run_id}").content.decode()
    assert other.post(f"/r/{session.run_id}/end-session").status_code == 403
    assert other.post(f"/r/{session.run_id}/extend-session").status_code == 403
    assert wishes(session) == []


@pytest.mark.parametrize(("button", "wish"), [("end-session", "end"), ("extend-session", "extend")])
def test_its_maker_ends_it_and_gives_it_more_time(client, button, wish):
    session = go_live(client, a_run())
    held(session)
    assert client.post(f"/r/{session.run_id}/{button}").status_code == 302
    assert wishes(session) == [wish]


@pytest.mark.parametrize("step", ["freeze", "recycle", "prepare", "crash", "timeout"])
def test_its_maker_has_done_what_no_request_does(client, step):
    session = go_live(client, a_run())
    held(session)
    assert client.post(f"/r/{session.run_id}/step-session", {"step": step}).status_code == 302
    assert wishes(session) == [step]


@pytest.mark.parametrize(
    ("by", "name", "wish"),
    [
        ("header", "X-User", "callers header:x-user"),
        ("query", "user", "callers query:user"),
        ("token", "ignored", "callers token"),
        ("request", "", "callers request"),
    ],
)
def test_its_maker_says_what_tells_callers_apart(client, by, name, wish):
    session = go_live(client, a_run())
    held(session)
    assert client.post(f"/r/{session.run_id}/session-callers", {"by": by, "name": name}).status_code == 302
    assert wishes(session) == [wish]


@pytest.mark.parametrize(
    ("button", "sent"), [("step-session", {"step": "explode"}), ("session-callers", {"by": "header", "name": ""})]
)
def test_what_a_session_does_not_know_is_refused(client, button, sent):
    session = go_live(client, a_run())
    held(session)
    assert client.post(f"/r/{session.run_id}/{button}", sent).status_code == 400
    assert wishes(session) == []


def test_where_no_worker_holds_it_that_is_said(client):
    session = go_live(client, a_run())
    response = client.post(f"/r/{session.run_id}/end-session", follow=True)
    assert "No worker holds this session now" in response.content.decode()


def test_where_the_broker_is_away_that_is_said_and_not_that_the_session_is_gone(client, broker_away):
    session = go_live(client, a_run())
    page = client.post(f"/r/{session.run_id}/end-session", follow=True).content.decode()
    assert "did not reach the session" in page
    assert "No worker holds" not in page


def test_where_as_much_waits_as_may_that_is_said(client):
    session = go_live(client, a_run())
    held(session)
    for _ in range(relay.WAITING_MAX):
        relay.send(redis_client.redis(), session.address, relay.Message(wish="extend"))
    page = client.post(f"/r/{session.run_id}/end-session", follow=True).content.decode()
    assert "has as much waiting as it takes" in page


def test_a_run_that_is_no_session_has_none_to_end(client):
    assert client.post(f"/r/{a_run().id}/end-session").status_code == 404


@pytest.mark.parametrize("bound", ["live_sessions_max", "live_sessions_per_client"])
def test_as_many_are_open_as_may_until_one_ends(client, configure, bound):
    configure(**{bound: 1})
    run = a_run()
    first = go_live(client, run)

    assert client.post(f"/r/{run.id}/go-live").status_code == 429
    Run.objects.filter(pk=first.run_id).update(status=Status.PROVING)
    assert client.post(f"/r/{run.id}/go-live").status_code == 302


def test_a_session_nobody_asked_anything_says_so(client):
    session = go_live(client, a_run())
    Run.objects.filter(pk=session.run_id).update(status=Status.CANCELLED)
    assert "before there was anything to prove" in client.get(f"/r/{session.run_id}").content.decode()
