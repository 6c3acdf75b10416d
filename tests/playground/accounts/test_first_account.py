"""Whoever is the first to sign in is staff, as somebody has to be; nobody becomes it after them."""

import pytest
from django.test import Client

from playground.accounts.models import User
from tests.playground.accounts.test_accounts import sign_up
from tests.playground.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def test_the_first_account_may_use_the_admin_and_is_told_so(browser):
    answer = browser.get(sign_up(browser).headers["Location"])

    assert "may use the admin at /admin/" in answer.text
    assert browser.get("/admin/accounts/user/").status_code == 200


def test_the_second_account_is_like_any_other(browser):
    sign_up(Client(), username="eve")
    sign_up(browser)

    assert not User.objects.get(username="ada").is_staff
    assert "/admin/" not in browser.get("/mine").text
    assert browser.get("/admin/accounts/user/").status_code == 302


def test_an_operator_made_by_hand_is_the_first(browser):
    User.objects.create_superuser("operator", password=PASSWORD)
    sign_up(browser)

    assert not User.objects.get(username="ada").is_staff


def test_an_account_at_which_nobody_ever_signed_in_is_not_the_first(browser):
    person("never-verified")
    sign_up(browser)

    assert User.objects.get(username="ada").is_staff
