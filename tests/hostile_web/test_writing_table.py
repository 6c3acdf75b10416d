"""Every address that takes a form or a body has a row that says who may write how much, and its bound is kept."""

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.config.writing import WRITING, writing_of
from playground.editor import session_draft
from playground.infrastructure.counting import count_one
from playground.runs.worker import clear_sessions
from tests.hostile_web.addresses import ADDRESSES, OURS
from tests.playground.pages.test_views import FORM
from tests.playground.pages.walk_world import build, clients
from tests.playground.people import PASSWORD, person, signed_in

METHODS_OF_API = ("post", "put", "patch", "delete")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_a_minute")]


def posted(address, world=None, method="post", browser=None):
    """What a stranger, or whoever is at ``browser``, is answered; without a world the address names nothing."""
    where = address.of(world, world.kept[0]) if world else address.of_nothing()
    send = getattr(browser or Client(), method)
    return send(where, "{}", "application/json") if address.is_api else send(where, {})


def methods_of(address):
    """Every method that an address might write by."""
    return METHODS_OF_API if address.is_api else ("post",)


def takes_nothing(address, world, browsers):
    """Whether each method is refused as such; whoever may not open what is named is told that there is nothing."""
    return all(
        any(posted(address, world, method, one).status_code == 405 for one in browsers)
        for method in methods_of(address)
    )


def test_every_address_that_takes_something_has_a_row_that_says_who_may_write(walked):
    world = build()
    browsers = [clients(world)[who] for who in ("maker", "owner", "stranger")]
    with_row = [one for one in OURS if writing_of(one.name)]
    asked = {one: [posted(one, world, method) for method in methods_of(one)] for one in with_row}
    refusing = {one.name for one, got in asked.items() if {each.status_code for each in got} == {405}}
    let_in = {one.name for one, got in asked.items() if any(map(is_let_in, got))}
    walked["addresses"] += len(OURS)
    walked["rows of who may write how much"] += len(WRITING)

    assert [one.name for one in OURS if one not in with_row and not takes_nothing(one, world, browsers)] == []
    assert {name for name in WRITING if name != "admin"} <= {one.name for one in ADDRESSES}
    assert refusing & set(WRITING) == set()
    assert {name for name in let_in if WRITING[name].who != "anybody"} == set()


def is_let_in(answer):
    """Whether a stranger got further than to the sign-in, or to hear that there is nothing."""
    where = answer.headers.get("Location", "")
    turned_away = where == "/" or where.startswith("/accounts/login/")
    return answer.status_code not in {401, 403, 404, 405, 410, 415, 422, 429} and not turned_away


def test_the_staffs_addresses_are_one_row():
    assert {writing_of(one.name) for one in ADDRESSES if one.is_admin and one.name} == {WRITING["admin"]}


NAMES = sorted(set(WRITING) - {"admin"})
IN_A_TEST = 12


@pytest.mark.parametrize("first", range(0, len(NAMES), IN_A_TEST))
def test_no_client_writes_more_often_than_its_row_says(first, walked):
    named = NAMES[first : first + IN_A_TEST]
    addresses = {name: next(one for one in OURS if one.name == name) for name in named}
    before = [name for name, one in addresses.items() if posted(one).status_code != 429]
    for name in named:
        count_one(f"writing:{name}", "127.0.0.1", WRITING[name].a_minute)
    answers = {name: posted(one) for name, one in addresses.items()}
    walked["limits"] += len(named)

    assert before == named
    assert [name for name, got in answers.items() if got.status_code == 429 and "Retry-After" in got.headers] == named


def test_a_person_is_counted_wherever_they_are_and_not_for_others():
    ada, address = person("ada"), reverse("teams")
    count_one("writing:teams", f"person-{ada.pk}", WRITING["teams"].a_minute)

    assert [signed_in(one).post(address, {"name": "x"}).status_code for one in (ada, person("eve"))] == [429, 302]


# --- what a stranger may have kept ----------------------------------------------------------------------------------


def kept_of(characters, address):
    return Client(REMOTE_ADDR=address).post("/", FORM | {"file_text": ["x" * characters], "action": "sign-in"})


def test_what_a_stranger_types_is_kept_by_its_size_and_for_an_hour():
    answers = [kept_of(1_900_000, "192.0.2.1") for _ in range(5)]

    assert [answer.status_code for answer in answers].count(302) == 2
    assert sum(len(one.session_data) for one in Session.objects.all()) < 6_000_000
    assert all("x" * 1_900_000 in answer.text for answer in answers if answer.status_code == 422)
    assert kept_of(1_900_000, "192.0.2.2").status_code == 302

    with time_machine.travel(timezone.now() + timezone.timedelta(hours=1, minutes=1)):
        clear_sessions()
    assert not Session.objects.exists()


def test_what_was_kept_stays_with_whoever_signs_in():
    person("ada")
    browser = Client()
    browser.post("/", FORM | {"handler": "mine.only", "action": "sign-in"})
    browser.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})

    with time_machine.travel(timezone.now() + timezone.timedelta(days=1)):
        clear_sessions()
        assert "mine.only" in browser.get(session_draft.ADDRESS).text
