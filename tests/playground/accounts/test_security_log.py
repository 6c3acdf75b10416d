"""The log says who signed in and out, what failed, and what changed of an account; and nothing that was typed."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from tests.playground.people import PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_a_minute")]

HERE = "192.0.2.7"
NEW = "a new and good one"


@pytest.fixture
def lines(caplog):
    """What was said since: sentence, person, client."""
    caplog.set_level(logging.INFO, "playground.accounts.security_log")
    return lambda: [
        (one.message, one.person, one.client)
        for one in caplog.records
        if one.name == "playground.accounts.security_log"
    ]


def test_signing_in_and_out_and_failing_to_is_said_with_who_and_where(lines, caplog):
    ada, browser = person("ada"), Client(REMOTE_ADDR=HERE)
    for name, password in (("ada", "wrong"), ("a-password-in-the-wrong-field", "wrong"), ("ada", PASSWORD)):
        browser.post(reverse("account_login"), {"login": name, "password": password})
    browser.post(reverse("account_logout"))

    assert lines() == [
        ("A sign-in failed.", ada.pk, HERE),
        ("A sign-in failed.", None, HERE),
        ("Signed in.", ada.pk, HERE),
        ("Signed out.", ada.pk, HERE),
    ]
    assert "wrong-field" not in caplog.text


def test_a_changed_password_is_said(lines):
    ada = person("ada")
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    signed_in(ada).post(reverse("account_change_password"), sent)

    assert ("A password was changed.", ada.pk, "127.0.0.1") in lines()


def test_a_new_account_is_said(lines):
    Client(REMOTE_ADDR=HERE).post(reverse("account_signup"), {"username": "bea", "password1": NEW})

    assert {sentence for sentence, _, where in lines() if where == HERE} == {"Signed in.", "Signed up."}
