"""A connection that was opened in init lives as long as its other end likes, frozen or not."""

from __future__ import annotations

import pytest

from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke
from tests.playing import answers

CONNECTS = """
import socket
connection = socket.create_connection(("backend", 7000), timeout=2)
def handler(event, context):
    connection.sendall(b"ping")
    return connection.recv(16).decode()
"""


def asked(*steps, **peer):
    function = a_function(files={"app.py": CONNECTS})
    return Scenario.model_validate({"function": function, "peers": [{"name": "backend", **peer}], "steps": list(steps)})


@pytest.mark.smoke
def test_a_connection_opened_in_init_is_open_after_a_freeze(engine):
    result = engine.run(asked(invoke(1), idle("200ms"), invoke(2)), options=RunOptions(prove=False))
    assert answers(result) == ["ping", "ping"]


def test_a_peer_that_closed_while_frozen_is_noticed_at_the_next_use(engine):
    closing = asked(invoke(1), idle("1500ms"), invoke(2), close_after="1s")
    first, second = answers(engine.run(closing, options=RunOptions(prove=False)))
    assert first == "ping"
    assert second == "" or second["errorType"] in {"ConnectionResetError", "BrokenPipeError"}
