"""The form is told names of packages for the runtime that is chosen."""

import pytest
from django.urls import reverse

from tests.package_index import package_index


@pytest.fixture
def index(monkeypatch, tmp_path):
    """An index that this installation has, and a data folder of its own."""
    monkeypatch.setenv("HOLDOVER_DATA", str(tmp_path))
    with package_index() as running:
        running.add_wheel("requests")
        for name, value in running.variables().items():
            monkeypatch.setenv(name, value)
        yield running


def asked(client, **fields):
    answer = client.post(reverse("package-names"), fields)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("runtime", ["python3.13", "python3.12"])
def test_names_are_those_of_the_runtimes_index(client, index, runtime):
    assert asked(client, runtime=runtime, typed="req") == {"offered": True, "names": ["requests"]}


@pytest.mark.parametrize("runtime", ["nodejs24.x", "provided.al2023", "java21", "x", ""])
def test_a_runtime_whose_index_tells_none_offers_none(client, index, runtime):
    assert asked(client, runtime=runtime, typed="req") == {"offered": False, "names": []}


def test_nothing_typed_asks_whether_names_are_offered(client, index):
    assert asked(client, runtime="python3.13") == {"offered": True, "names": []}
