"""A person sees where they are signed in, and ends it there."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from tests.playground.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def sign_in(name="ada", agent="Firefox"):
    browser = Client(headers={"User-Agent": agent})
    browser.post(reverse("account_login"), {"login": name, "password": PASSWORD})
    return browser


def is_in(browser):
    return "Sign out" in browser.get("/mine").text


def test_every_browser_is_listed_with_its_own_words_made_harmless():
    person("ada")
    sign_in(agent="<script>\u202e")
    here = sign_in(agent="Chromium")

    page = here.get(reverse("sessions")).text

    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert page.count("<b>this one</b>") == 1


@pytest.mark.parametrize("named", ["one", "others"])
def test_what_is_ended_is_over_and_the_rest_goes_on(named):
    person("ada")
    there, here = sign_in(agent="there"), sign_in(agent="here")
    which = "others" if named == "others" else str(UserSession.objects.get(user_agent="there").pk)

    here.post(reverse("sessions"), {"session": which})

    assert [is_in(there), is_in(here)] == [False, True]


def test_nobody_ends_a_session_of_somebody_elses():
    person("ada")
    person("eve")
    theirs, hers = sign_in("ada"), sign_in("eve")

    for one in [*UserSession.objects.filter(user__username="ada").values_list("pk", flat=True), "others", "x", ""]:
        hers.post(reverse("sessions"), {"session": str(one)})

    assert is_in(theirs)


def test_a_new_password_ends_all_other_sessions():
    person("ada")
    there, here = sign_in(), sign_in()

    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "another good one 7", "password2": "another good one 7"},
    )

    assert not is_in(there)
