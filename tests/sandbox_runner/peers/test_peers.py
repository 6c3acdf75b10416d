"""A scenario's peers: their scripts, whom they refuse, what they remember, and what no client can make them do."""

import asyncio

import pytest

from sandbox_runner import limits
from sandbox_runner.clock import SystemClock
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import PeerEvent
from sandbox_runner.guest.wire import PEER_WINDOW_BYTES, PeerMore
from sandbox_runner.peers.hub import PeerHub
from sandbox_runner.scenario.parts import Peer
from tests.fakes.peer_client import PeerClients


class Run:
    """One hub with the environments that were let in."""

    def __init__(self, *peers):
        self.clock = SystemClock()
        self.log = EventLog(self.clock)
        self.hub = PeerHub([Peer.model_validate({"name": "backend"} | peer) for peer in peers], self.log, self.clock)

    def environment(self, name="env-1"):
        clients = PeerClients(self.clock)
        self.hub.join(name, GuestLink(clients, self.clock))
        return clients

    @property
    def seen(self):
        return [(each.environment, each.record.what) for each in self.log.events if isinstance(each.record, PeerEvent)]

    @property
    def whats(self):
        return [what for _, what in self.seen]


@pytest.fixture
async def run():
    """Makes runs; every hub is closed afterwards."""
    made = []

    def make(*peers):
        made.append(Run(*(peers or ({},))))
        return made[-1]

    yield make
    for each in made:
        await each.hub.close()


async def test_a_client_is_greeted_and_answered_and_its_end_is_noticed(run):
    played = run({"greeting": "ready\n"})
    env = played.environment()
    env.connect(1)
    env.say(1, b"ping")
    await env.until(lambda: env.said_to(1) == b"ready\nping")
    env.close(1)
    await env.until(lambda: env.ended(1))

    assert played.whats == ["connected", "sent", "received", "sent", "closed-by-client"]


async def test_what_a_client_said_before_its_end_is_still_answered(run):
    env = run().environment()
    env.connect(1)
    env.say(1, b"last words")
    env.close(1)
    await env.until(lambda: env.ended(1))

    assert env.said_to(1) == b"last words"


async def test_a_peer_without_echo_only_listens(run):
    played = run({"echo": False})
    env = played.environment()
    env.connect(1)
    env.say(1, b"ping")
    env.close(1)
    await env.until(lambda: env.ended(1))

    assert (env.said_to(1), played.whats) == (b"", ["connected", "received", "closed-by-client"])


async def test_over_its_clients_a_peer_refuses_whichever_environment_asks(run):
    played = run({"max_clients": 1})
    first, second = played.environment("env-1"), played.environment("env-2")
    first.connect(1)
    second.connect(1)
    await second.until(lambda: second.refused(1))

    assert played.seen == [("env-1", "connected"), ("env-2", "refused")]


async def test_a_place_is_free_again_when_its_client_is_gone(run):
    played = run({"max_clients": 1})
    env = played.environment()
    env.connect(1)
    env.close(1)
    await env.until(lambda: env.ended(1))
    env.connect(2)

    assert played.whats == ["connected", "closed-by-client", "connected"]


async def test_a_peer_that_takes_nobody_refuses_everybody(run):
    env = run({"max_clients": 0}).environment()
    env.connect(1)
    await env.until(lambda: env.refused(1))


async def test_what_a_refused_client_says_is_nobodys(run):
    played = run({"max_clients": 0})
    env = played.environment()
    env.connect(1)
    env.say(1, b"hello?")
    env.close(1)
    await env.until(lambda: env.refused(1))

    assert played.whats == ["refused"]


async def test_a_peer_hangs_up_after_its_time_and_has_room_again(run):
    played = run({"close_after": 0.05, "max_clients": 1})
    env = played.environment()
    env.connect(1)
    await env.until(lambda: env.ended(1))
    env.connect(2)

    assert played.whats == ["connected", "closed-by-peer", "connected"]


async def test_an_answer_comes_after_the_delay(run):
    played = run({"delay": 0.2})
    env = played.environment()
    env.connect(1)
    env.say(1, b"ping")
    await env.until(lambda: env.said_to(1) == b"ping")
    received, sent = (each.at_us for each in played.log.events[-2:])

    assert sent - received >= 0.2e6


async def test_a_peer_waits_for_a_client_that_does_not_read(run):
    played = run({"greeting": "x" * 1024})
    env = played.environment()
    env.makes_room = False
    env.connect(1)
    for _ in range(2):
        env.say(1, b"y" * (PEER_WINDOW_BYTES // 2))
    await env.until(lambda: len(env.said_to(1)) >= 1024 + PEER_WINDOW_BYTES // 2)
    under_way = len(env.said_to(1))
    env.take(PeerMore(1, under_way))
    await env.until(lambda: len(env.said_to(1)) > under_way)

    assert under_way <= PEER_WINDOW_BYTES


@pytest.mark.parametrize(
    ("lie", "do"),
    [
        ("a peer that is not there", lambda env: env.connect(1, peer="nobody")),
        ("a number that was used", lambda env: (env.connect(1), env.connect(1))),
        ("bytes of no connection", lambda env: env.say(1, b"x")),
        ("the end of no connection", lambda env: env.close(1)),
        ("room that never was", lambda env: (env.connect(1), env.take(PeerMore(1, 1)))),
        ("more than there is room for", lambda env: (env.connect(1), env.say(1, b"x" * (PEER_WINDOW_BYTES + 1)))),
        ("connections without end", lambda env: [env.connect(number) for number in range(1, 600)]),
    ],
)
async def test_a_guest_that_makes_no_sense_is_not_believed(run, lie, do):
    env = run().environment()

    with pytest.raises(ProtocolViolation):
        do(env)


async def test_other_messages_are_left_to_the_environment(run):
    env = run().environment()

    assert env.take("anything else") is False


async def test_events_over_the_bound_are_counted(run, monkeypatch):
    monkeypatch.setattr("sandbox_runner.peers.hub.PeerRecord.__init__.__defaults__", (3,))
    played = run()
    env = played.environment()
    env.connect(1)
    for number in range(10):
        env.say(1, b"x")
        await env.until(lambda number=number: len(env.said_to(1)) == number + 1)
    await played.hub.close()

    events = [each.record for each in played.log.events]
    assert len(events) == 4
    # 1 connected and 10 of each, of which three and the last are there.
    assert events[-1].left_out == 21 - 3 - 1


async def test_a_run_exchanges_no_more_than_its_bound(run, monkeypatch):
    monkeypatch.setattr("sandbox_runner.peers.hub.PEER_BYTES_MAX", 10)
    played = run()
    env = played.environment()
    env.connect(1)
    env.say(1, b"123456")
    await env.until(lambda: env.ended(1))

    assert (env.said_to(1), played.whats[-1]) == (b"", "closed-by-peer")


async def test_the_text_of_an_event_is_bounded_and_well_formed(run):
    played = run({"echo": False})
    env = played.environment()
    env.connect(1)
    env.say(1, b"\xff\x00" * 4000)
    env.close(1)
    await env.until(lambda: env.ended(1))
    received = played.log.events[1].record

    assert received.bytes == 8000
    assert len(received.text) <= limits.KB
    received.model_dump_json()


async def test_closing_the_hub_ends_what_would_go_on_for_ever(run):
    played = run()
    played.environment().connect(1)
    await asyncio.sleep(0)
    await played.hub.close()

    assert [task for task in asyncio.all_tasks() if "PeerConnection" in repr(task)] == []
