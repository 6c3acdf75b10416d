"""A scenario's peers as functions meet them, in both languages, on every real backend."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import PeerEvent
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke
from tests.playing import answers

PYTHON = """
import socket
def handler(event, context):
    with socket.create_connection(("backend", 7000), timeout=2) as c:
        said = c.recv(64)
        c.sendall(b"ping")
        return [socket.gethostbyname("localhost"), c.getpeername()[1], (said + c.recv(64)).decode()]
"""
NODE = """
import { createConnection } from "node:net";
import { lookup, resolve4 } from "node:dns/promises";
export const handler = async () => {
  const client = createConnection(7000, "backend");
  client.once("data", () => client.write("ping"));
  let said = "";
  while (!said.endsWith("ping")) said += await new Promise((done) => client.once("data", done));
  const { remoteAddress, remotePort } = client;
  client.end();
  const [asked] = await resolve4("backend");
  if (asked !== remoteAddress) throw new Error(asked);
  return [(await lookup("localhost", { family: 4 })).address, remotePort, said];
};
"""
KEPT = """
import socket
connection = socket.create_connection(("backend", 7000), timeout=2)
def handler(event, context):
    if event == "exit":
        import os; os._exit(1)
    connection.sendall(event.encode())
    return connection.recv(64).decode()
"""
NOBODY = """
import socket
def handler(event, context):
    try:
        return socket.gethostbyname(event)
    except socket.gaierror as problem:
        return problem.errno
"""


def play(engine, code, *steps, peer=None, prove=False, **function):
    """The result of ``steps`` with one peer."""
    file = "app.mjs" if "export const" in code else "app.py"
    peers = [{"name": "backend"} | (peer or {})]
    asked = {"function": a_function(files={file: code}, **function), "peers": peers, "steps": list(steps)}
    return engine.run(Scenario.model_validate(asked), options=RunOptions(prove=prove))


def seen(result):
    """What the peer saw, bytes left out."""
    records = [each.record for each in result.events if isinstance(each.record, PeerEvent)]
    return [each.what for each in records if each.what not in {"received", "sent"}]


@pytest.mark.smoke
@pytest.mark.parametrize(("code", "runtime"), [(PYTHON, "python3.13"), (NODE, "nodejs22.x"), (NODE, "nodejs24.x")])
def test_a_peer_is_reached_by_its_name_and_port(engine, code, runtime):
    result = play(engine, code, invoke(), peer={"greeting": "hello "}, runtime=runtime)

    assert answers(result) == [["127.0.0.1", 7000, "hello ping"]]
    assert seen(result) == ["connected", "closed-by-client"]


def test_names_that_are_no_peers_are_not_found(engine):
    result = play(engine, NOBODY, invoke("example.com"), invoke("backend"), invoke("localhost"))

    assert answers(result) == [-2, "127.0.1.1", "127.0.0.1"]


@pytest.mark.smoke
def test_a_connection_lives_over_a_freeze_and_dies_with_the_runtime(engine):
    result = play(engine, KEPT, invoke("one"), idle(0.3), invoke("two"), invoke("exit"), invoke("three"))

    assert [answers(result)[at] for at in (0, 1, 3)] == ["one", "two", "three"]
    assert seen(result) == ["connected", "closed-by-client", "connected", "closed-by-client"]


def test_what_a_peer_closes_over_a_freeze_is_noticed_at_the_next_use(engine):
    result = play(engine, KEPT, invoke("one"), idle(0.6), invoke("two"), peer={"close_after": 0.4})

    assert answers(result)[0] == "one"
    assert answers(result)[1] == "" or "Error" in answers(result)[1]["errorType"]
    assert seen(result) == ["connected", "closed-by-peer"]


def test_a_replay_meets_a_peer_where_nobody_has_been(engine):
    result = play(engine, KEPT, invoke("one"), invoke("two"), peer={"max_clients": 1}, prove=True)

    assert answers(result) == ["one", "two"]
    assert result.verdict == "clean"
