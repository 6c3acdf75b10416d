"""An address that was written with a slash at its end."""

from __future__ import annotations

from http import HTTPStatus

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/gallery", "/library", "/fidelity", "/r/a-run"])
def test_it_leads_to_the_page(client, address):
    answer = client.get(f"{address}/?q=1")
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.MOVED_PERMANENTLY, f"{address}?q=1")


@pytest.mark.parametrize("address", ["/nothing/", "/gallery//example.org/"])
def test_where_there_is_no_page_it_leads_nowhere(client, address):
    assert client.get(address).status_code == HTTPStatus.NOT_FOUND


def test_what_is_sent_there_is_not_sent_elsewhere(client):
    assert client.post("/language/").status_code == HTTPStatus.NOT_FOUND
