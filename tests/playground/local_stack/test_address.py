"""Where the web process listens."""

import socket

import pytest

from playground.local_stack.address import Address, listen, own_hosts
from playground.local_stack.children import StartError


@pytest.fixture
def taken():
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free():
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def choose_address(host, port, environ):
    """The address alone."""
    address, listening = listen(host, port, environ)
    listening.close()
    return address


def test_what_was_asked_for_is_taken(free):
    assert choose_address("127.0.0.1", str(free), {}) == Address("127.0.0.1", free)


def test_the_environment_asks_too(free):
    assert choose_address(None, None, {"HOST": "localhost", "PORT": str(free)}) == Address("localhost", free)


def test_an_option_goes_before_the_environment(free):
    assert choose_address(None, str(free), {"PORT": "1"}).port == free


def test_a_port_that_was_asked_for_and_is_taken_is_refused(taken):
    with pytest.raises(StartError, match=f"Port {taken} of 127.0.0.1 cannot be used: address already in use"):
        choose_address(None, str(taken), {})


def test_the_next_free_port_is_found_where_nothing_was_asked(taken, monkeypatch):
    monkeypatch.setattr("playground.local_stack.address.PORT_DEFAULT", taken)

    assert taken < choose_address(None, None, {}).port < taken + 100


def test_of_two_that_start_at_the_same_time_each_has_a_port():
    first, kept = listen(None, None, {})
    second, also_kept = listen(None, None, {})
    kept.close()
    also_kept.close()

    assert first.port != second.port


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "1e3", "²"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(StartError, match="1 to 65535"):
        choose_address(None, port, {})


def test_a_host_that_is_not_this_machines_is_refused(free):
    with pytest.raises(StartError, match="cannot be used"):
        choose_address("192.0.2.1", str(free), {})


HOSTS = {
    "127.0.0.1": (True, "http://127.0.0.1:8000/"),
    "127.9.9.9": (True, "http://127.9.9.9:8000/"),
    "localhost": (True, "http://localhost:8000/"),
    "::1": (True, "http://[::1]:8000/"),
    "0.0.0.0": (False, "http://127.0.0.1:8000/"),
    "::": (False, "http://[::1]:8000/"),
    "192.168.1.5": (False, "http://192.168.1.5:8000/"),
    "holdover.example": (False, "http://holdover.example:8000/"),
}


@pytest.mark.parametrize(("host", "expected"), HOSTS.items(), ids=HOSTS.keys())
def test_only_a_loopback_address_is_this_machines_own(host, expected):
    address = Address(host, 8000)

    assert (address.is_loopback, address.url) == expected


def test_a_machine_that_others_reach_answers_to_its_own_names_alone():
    hosts = own_hosts("192.0.2.7")

    assert {"192.0.2.7", "localhost", "127.0.0.1", "[::1]", socket.gethostname()} <= set(hosts)
    assert not {"*", "0.0.0.0", "[::]", ""} & set(own_hosts("0.0.0.0"))
    assert "[2001:db8::7]" in own_hosts("2001:db8::7")
