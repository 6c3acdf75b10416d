"""Which backend: the one asked for or an error; docker before namespace where nobody asked."""

from __future__ import annotations

import pytest

from sandbox_runner.backends import choose
from sandbox_runner.backends.namespace import NamespaceBackend
from sandbox_runner.errors import BackendUnavailable


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    monkeypatch.delenv("HOLDOVER_BACKEND", raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody-listens-here.sock")


def test_without_an_engine_and_without_a_wish_it_is_namespace(no_engine):
    assert choose().name == "namespace"


def test_who_asks_for_docker_never_gets_anything_weaker(no_engine):
    with pytest.raises(BackendUnavailable, match="no Docker engine answers"):
        choose("docker")


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
