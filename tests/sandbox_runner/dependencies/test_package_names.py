"""Names of packages are completed from the operator's index: bounded, kept, and not where it tells none."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.dependencies import names
from sandbox_runner.dependencies.names import NotOfferedError, beginning

PYTHON = ("requests", "requests-toolbelt", "Requests_OAuthlib", "responses", "pydantic", "idna")


@pytest.fixture(autouse=True)
def _forgotten():
    """What other tests were told is not known here."""
    names._searched.cache_clear()
    names._GIVEN_UP.clear()


@pytest.fixture
def stocked(index):
    for name in PYTHON:
        index.add_wheel(name)
    for name in ("@middy/core", "@middy/http-cors", "middleware"):
        index.add_package(name)
    return index


def test_names_that_begin_so_are_told_the_shortest_first(stocked, tmp_path):
    told = beginning("pypi", "Req", tmp_path, stocked.variables())
    assert told == ("requests", "requests-oauthlib", "requests-toolbelt")


def test_the_list_is_fetched_once(stocked, tmp_path):
    for typed in ("re", "req", "pyd"):
        beginning("pypi", typed, tmp_path, stocked.variables())
    assert stocked.asked == ["/simple/"]


def test_a_list_is_fetched_again_after_a_day(stocked, tmp_path):
    beginning("pypi", "re", tmp_path, stocked.variables())
    (kept,) = tmp_path.glob("*.txt")
    os.utime(kept, (0, 0))
    stocked.add_wheel("reportlab")
    assert "reportlab" in beginning("pypi", "re", tmp_path, stocked.variables())


def test_a_list_may_be_json_and_come_in_pieces(stocked, tmp_path, monkeypatch):
    page = json.dumps({"projects": [{"name": f"package-{number}"} for number in range(5_000)]}).encode()
    monkeypatch.setattr(stocked, "find", lambda _: ("application/vnd.pypi.simple.v1+json", page))
    assert beginning("pypi", "package-4321", tmp_path, stocked.variables()) == ("package-4321",)
    (kept,) = tmp_path.glob("*.txt")
    assert len(kept.read_text().splitlines()) == 5_000


def test_the_registry_of_node_is_searched_once_for_what_was_typed(stocked, tmp_path):
    for _ in range(2):
        assert beginning("npm", "@middy/", tmp_path, stocked.variables()) == ("@middy/core", "@middy/http-cors")
    assert stocked.asked == ["/npm/-/v1/search?text=%40middy%2F&size=50"]


@pytest.mark.parametrize("typed", ["", "r", "../x", "a b", "é", "x" * 101, "-r"])
def test_what_is_no_beginning_of_a_name_is_asked_of_nobody(stocked, tmp_path, typed):
    assert beginning("npm", typed, tmp_path, stocked.variables()) == ()
    assert stocked.asked == []


@pytest.mark.parametrize("index_of", ["pypi", "npm"])
def test_an_index_that_tells_none_is_not_asked_again_at_once(index, tmp_path, index_of):
    for _ in range(2):
        with pytest.raises(NotOfferedError):
            beginning(index_of, "requests", tmp_path, index.variables())
    assert len(index.asked) == 1


@pytest.mark.parametrize("index_of", ["pypi", "npm"])
def test_more_than_is_read_of_an_index_is_none(stocked, tmp_path, monkeypatch, index_of):
    monkeypatch.setattr(names, "LIST_BYTES_MAX", 20)
    monkeypatch.setattr(names, "_SEARCH_BYTES_MAX", 20)
    with pytest.raises(NotOfferedError):
        beginning(index_of, "requests", tmp_path, stocked.variables())
    assert not list(tmp_path.glob("*.txt"))


@pytest.mark.parametrize(
    "variables", [{"HOLDOVER_DEPENDENCIES": "off"}, {"HOLDOVER_PYPI_INDEX": ""}, {"HOLDOVER_PYPI_INDEX": "nonsense"}]
)
def test_names_are_off_with_packages_and_for_an_index_that_nobody_named(stocked, tmp_path, variables):
    with pytest.raises(NotOfferedError):
        beginning("pypi", "requests", tmp_path, {**stocked.variables(), **variables})
    assert stocked.asked == []


def test_credentials_go_to_the_index(stocked, tmp_path):
    address = stocked.variables()["HOLDOVER_PYPI_INDEX"].replace("http://", "http://me:secret@")
    beginning("pypi", "requests", tmp_path, {"HOLDOVER_PYPI_INDEX": address})
    assert stocked.headers[-1]["Authorization"] == "Basic bWU6c2VjcmV0"


@given(st.sets(st.from_regex(r"[a-c-]{1,4}", fullmatch=True), min_size=1, max_size=30), st.text("abc-", min_size=1))
def test_a_name_is_found_wherever_it_stands_in_the_list(tmp_path_factory, listed, typed):
    path = tmp_path_factory.mktemp("list") / "names.txt"
    path.write_text("\n".join(sorted(listed)) + "\n")
    expected = sorted((name for name in sorted(listed) if name.startswith(typed)), key=len)
    assert names._in_list(path, typed) == tuple(expected[: names.NAMES_MAX])
