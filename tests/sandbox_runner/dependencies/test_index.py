"""Which indexes an installation has."""

import pytest

from sandbox_runner.dependencies.index import is_on, reachable, stored_bytes_max
from sandbox_runner.errors import BackendUnavailable

ADDRESS = "https://packages.example.org/simple"


def test_an_address_loses_its_credentials_and_they_go_to_that_host_alone():
    variables = {"HOLDOVER_PYPI_INDEX": "https://some:se%40cret@packages.example.org/simple/"}
    address = reachable("pypi", variables).address
    assert address.base == ADDRESS
    assert address.headers(f"{ADDRESS}/x") == {"Authorization": "Basic c29tZTpzZUBjcmV0"}
    assert address.headers("https://files.example.org/x") == {}
    assert "cret" not in repr(address)


def test_a_token_is_the_registrys():
    variables = {"HOLDOVER_NPM_REGISTRY": ADDRESS, "HOLDOVER_PYPI_INDEX": ADDRESS, "HOLDOVER_NPM_TOKEN": "t"}
    assert reachable("npm", variables).address.authorization == "Bearer t"
    assert reachable("pypi", variables).address.authorization == ""


@pytest.mark.parametrize("index", ["pypi", "npm"])
def test_production_has_no_index_that_nobody_named(index):
    assert reachable(index, {"HOLDOVER_PRODUCTION": "1"}) is None


@pytest.mark.parametrize("url", ["file:///packages", "packages.example.org", "https://"])
def test_what_is_no_address_is_said_with_its_variable(url):
    with pytest.raises(BackendUnavailable, match="HOLDOVER_PYPI_INDEX"):
        reachable("pypi", {"HOLDOVER_PYPI_INDEX": url})


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{ADDRESS}/x", True),
        ("https://files.example.org/x", True),
        ("https://other.example.org/x", False),
        ("http://packages.example.org/x", False),
        ("https://packages.example.org.evil.example/x", False),
        ("https://packages.example.org@evil.example/x", False),
        ("https://169.254.169.254/latest", False),
    ],
)
def test_files_come_from_hosts_that_are_named_over_the_same_scheme(url, allowed):
    variables = {"HOLDOVER_PYPI_INDEX": ADDRESS, "HOLDOVER_INDEX_FILES": "files.example.org"}
    assert reachable("pypi", variables).address.allows(url, {"other.example.org"}) is allowed


@pytest.mark.parametrize(("written", "on"), [("", True), ("on", True), ("off", False), ("OFF", False), ("0", False)])
def test_packages_can_be_turned_off(written, on):
    assert is_on({"HOLDOVER_DEPENDENCIES": written}) is on


def test_a_size_that_is_no_number_is_said():
    with pytest.raises(BackendUnavailable, match="HOLDOVER_PACKAGES_MB"):
        stored_bytes_max({"HOLDOVER_PACKAGES_MB": "much"})
