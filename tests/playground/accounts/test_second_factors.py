"""Codes of an app and recovery codes beside the password. Passkeys are tried in the browser."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.accounts.second_factors import MfaAdapter
from tests.playground.people import PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def clock():
    """It stands still until it is shifted: a code is another one every half minute."""
    with time_machine.travel(timezone.now().replace(second=0, microsecond=0), tick=False) as clock:
        yield clock


def sign_in(browser=None):
    browser = browser or Client()
    answer = browser.post(reverse("account_login"), {"login": "ada", "password": PASSWORD})
    return browser, answer.headers.get("Location", "")


def is_in(browser):
    return "_auth_user_id" in browser.session


def code_of(secret):
    """What the app would show now."""
    (now,) = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


@pytest.fixture
def secret(clock):
    """That of an app which ada set up on the pages, and her recovery codes."""
    person("ada")
    browser, _ = sign_in()
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    shown = browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    return secret, re.findall(r"\b\d{8}\b", shown.text)


def test_a_password_alone_does_not_sign_in_where_an_app_is_set_up(secret):
    browser, where = sign_in()

    assert where.startswith(reverse("mfa_authenticate"))
    assert not is_in(browser)


def test_the_code_of_the_app_does_beside_it(secret, clock):
    browser, _ = sign_in()
    clock.shift(60)

    browser.post(reverse("mfa_authenticate"), {"code": code_of(secret[0])})

    assert is_in(browser)


def test_a_code_is_taken_once(secret, clock):
    clock.shift(60)
    code = code_of(secret[0])
    first, _ = sign_in()
    second, _ = sign_in()

    for browser in (first, second):
        browser.post(reverse("mfa_authenticate"), {"code": code})

    assert [is_in(first), is_in(second)] == [True, False]


def test_ten_recovery_codes_are_shown_once(secret):
    assert len(set(secret[1])) == 10
    browser, _ = sign_in()
    browser.post(reverse("mfa_authenticate"), {"code": secret[1][0]})
    assert secret[1][1] not in browser.get(reverse("mfa_view_recovery_codes")).text


def test_a_recovery_code_is_taken_once(secret):
    for taken in (True, False):
        browser, _ = sign_in()
        browser.post(reverse("mfa_authenticate"), {"code": secret[1][0]})
        assert is_in(browser) is taken


def test_codes_are_not_guessed_at_without_end(secret, clock):
    browser, _ = sign_in()
    for number in range(5):
        browser.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    clock.shift(60)

    browser.post(reverse("mfa_authenticate"), {"code": code_of(secret[0])})

    assert not is_in(browser)


def test_who_reads_the_database_cannot_make_codes(secret):
    stored = str([one.data for one in Authenticator.objects.all()])

    assert secret[0] not in stored
    assert MfaAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret[0]


def test_staff_see_no_secret_of_a_factor_and_can_remove_one_that_is_lost(secret):
    staff = signed_in(person("boss", is_staff=True, is_superuser=True))
    app = Authenticator.objects.get(type="totp")

    page = staff.get(reverse("admin:mfa_authenticator_change", args=[app.pk])).text
    staff.post(reverse("admin:mfa_authenticator_delete", args=[app.pk]), {"post": "yes"})

    assert "ada" in page
    assert app.data["secret"] not in page
    assert not Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_a_factor_is_set_up_only_by_whoever_gives_the_password_again(name):
    answer = signed_in(person("ada")).get(reverse(name))

    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_look_like_ours_in_both_languages(secret, language):
    browser = Client(headers={"Accept-Language": language})
    waiting, _ = sign_in(browser)
    pages = [waiting.get(reverse("mfa_authenticate"))]
    waiting.post(reverse("mfa_authenticate"), {"code": secret[1][0]})
    waiting.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    names = ("mfa_index", "mfa_add_webauthn", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "sessions")
    pages += [waiting.get(reverse(name)) for name in names]

    for page in pages:
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert 'class="wordmark"' in page.text
        assert " style=" not in page.text
        assert "<script>" not in page.text
