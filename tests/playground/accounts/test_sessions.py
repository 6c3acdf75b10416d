"""A person sees where they are signed in, and ends it there."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from playground.accounts.browsers import browser_name
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


BROWSERS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Windows",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36": (
        "Chrome on Linux"
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0": (
        "Edge on Windows"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1": (
        "Safari on iPhone"
    ),
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36": (
        "Chrome on Android"
    ),
    "curl/8.14.1": "",
    "": "",
}


@pytest.mark.parametrize(("says", "name"), BROWSERS.items(), ids=lambda one: one[:40])
def test_a_browser_is_called_what_people_call_it(says, name):
    assert browser_name(says) == name


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
