"""Why an engine does not answer: a sentence, whatever the libraries between made of it."""

from __future__ import annotations

import errno
import os
import socket

import pytest
import requests.exceptions
from docker.errors import DockerException
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from sandbox_runner.backends.docker import DockerBackend, ask_engine
from sandbox_runner.backends.docker_problems import root_of, what_was_met
from sandbox_runner.errors import EngineAway

WHERE = "unix:///run/engine.sock"


def aborted(error):
    """As the SDK raises what a call on an existing connection met."""
    return requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", error))


def at_first(error):
    """As the SDK raises what its very first call met."""
    problem = aborted(error)
    wrapped = DockerException(f"Error while fetching server API version: {problem}")
    wrapped.__cause__ = problem
    return wrapped


@pytest.mark.parametrize("wrapped", [aborted, at_first])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), f"no Docker engine answers: nothing listens at {WHERE}"),
        (FileNotFoundError(errno.ENOENT, "x"), f"no Docker engine answers: there is no socket at {WHERE}"),
        (ConnectionResetError(errno.ECONNRESET, "x"), f"no Docker engine answers: {WHERE} broke the connection off"),
        (OSError(errno.EHOSTUNREACH, "x"), "no Docker engine answers: No route to host"),
        (
            PermissionError(errno.EACCES, "x"),
            f"this process may not use the Docker engine at {WHERE}: permission denied",
        ),
        (socket.gaierror(-2, "x"), f"no Docker engine answers: the host of {WHERE} is not known"),
    ],
)
def test_what_a_connection_met_is_a_sentence(wrapped, error, sentence):
    assert what_was_met(root_of(wrapped(error)), where=WHERE) == sentence


def test_a_time_that_ran_out_is_said_as_that():
    late = requests.exceptions.ReadTimeout(ReadTimeoutError(None, "/x", "Read timed out."))

    assert what_was_met(root_of(late), where=WHERE) == f"no Docker engine answers: {WHERE} takes too long"


def test_a_socket_that_is_closed_to_this_user_names_the_group_that_may(tmp_path):
    path = tmp_path / "engine.sock"
    path.touch()
    os.chown(path, -1, os.getgid())

    said = what_was_met(PermissionError(errno.EACCES, "x"), where=f"unix://{path}")

    assert f"belongs to the group {os.getgid()}" in said


def test_a_problem_that_is_no_connections_has_no_such_root():
    assert root_of(DockerException("TLS configurations must specify a key")) is None


@pytest.fixture
def refusing(tmp_path, monkeypatch):
    """Where a Docker engine was killed: its socket is there and nobody listens."""
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield path


async def test_an_engine_that_was_killed_is_away_in_words_and_not_in_python(refusing):
    backend = DockerBackend("an-image")
    with pytest.raises(EngineAway) as told:
        await backend.describe()
    await backend.close()

    assert str(told.value) == f"no Docker engine answers: nothing listens at unix://{refusing}"


def test_who_asks_once_is_told_the_same(refusing):
    with pytest.raises(EngineAway, match=r"^no Docker engine answers: nothing listens at unix://"):
        ask_engine(lambda engine: engine.ping())
