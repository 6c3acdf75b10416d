"""Which backend: the one asked for or an error; docker before namespace where nobody asked."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from sandbox_runner.backends import choose
from sandbox_runner.backends.namespace import NamespaceBackend
from sandbox_runner.errors import BackendUnavailable

NOBODY = 65534


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.delenv("HOLDOVER_BACKEND", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody-listens-here.sock")


def test_without_an_engine_and_without_a_wish_it_is_namespace(no_engine):
    assert choose().name == "namespace"


def test_who_asks_for_docker_never_gets_anything_weaker(no_engine):
    with pytest.raises(BackendUnavailable, match="no Docker engine answers"):
        choose("docker")


def test_it_says_what_was_met_and_the_cure(no_engine, tmp_path):
    with pytest.raises(BackendUnavailable) as told:
        choose("docker")

    assert f"there is no socket at unix://{tmp_path}/nobody-listens-here.sock; start it" in str(told.value)


def test_who_may_not_use_the_engines_socket_is_told_that_and_not_to_start_it(no_engine, monkeypatch):
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as bound:
        path = Path(folder) / "engine.sock"
        bound.bind(str(path))
        path.chmod(0o000)
        path.parent.chmod(0o755)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")

        told = told_to_somebody()

        assert told.startswith(f"this process may not use the Docker engine at unix://{path}: ")
        assert f"belongs to the group {path.stat().st_gid}" in told
        assert "start it" not in told


def told_to_somebody():
    """What choosing docker raises; in a process of its own, in which nobody is root, to whom no socket is closed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setresuid(NOBODY, NOBODY, NOBODY)
            choose("docker")
        except BaseException as problem:  # noqa: BLE001 - whatever it is, the tests must not go on in this process
            os.write(writing, str(problem).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        told = said.read()
    os.waitpid(child, 0)
    return told


def test_the_wish_may_come_from_the_environment(no_engine, monkeypatch):
    monkeypatch.setenv("HOLDOVER_BACKEND", "docker")

    with pytest.raises(BackendUnavailable, match="no Docker engine answers"):
        choose()


def test_an_unknown_backend_is_named(no_engine):
    with pytest.raises(BackendUnavailable, match="'firecracker'"):
        choose("firecracker")


@pytest.mark.parametrize("value", ["1", "true", "yes"])
async def test_namespaces_refuse_a_production_configuration(monkeypatch, value):
    monkeypatch.setenv("HOLDOVER_PRODUCTION", value)

    with pytest.raises(BackendUnavailable, match="production"):
        await NamespaceBackend().describe()


async def test_a_missing_root_file_system_names_its_cure(monkeypatch, tmp_path):
    monkeypatch.delenv("HOLDOVER_PRODUCTION", raising=False)

    with pytest.raises(BackendUnavailable, match="make image"):
        await NamespaceBackend(tmp_path / "nothing").describe()
