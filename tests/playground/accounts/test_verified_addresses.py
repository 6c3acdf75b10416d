"""Where e-mail is sent: an address is verified before anybody signs in, and nobody learns who has an account."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.accounts.models import User
from playground.accounts.unverified import KEPT, remove_unverified
from tests.playground.people import PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sending")]


@pytest.fixture
def sending(settings, configure):
    """What the settings are where HOLDOVER_EMAIL_URL is set."""
    configure(email_url="smtp://mail.example:25", trusted_origins=("https://holdover.example",))
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_up(name, email="ada@example.org", browser=None):
    sent = {"username": name, "email": email, "password1": PASSWORD}
    return (browser or Client()).post(reverse("account_signup"), sent, follow=True)


def sign_in(browser, name="ada"):
    return browser.post(reverse("account_login"), {"login": name, "password": PASSWORD}, follow=True)


def linked():
    """Where the last e-mail with a link leads that verifies."""
    bodies = "\n".join(message.body for message in mail.outbox)
    return re.findall(r"https://holdover\.example(/accounts/confirm-email/\S+/)", bodies)[-1]


def is_in(browser):
    return "_auth_user_id" in browser.session


def test_whoever_signs_up_is_in_once_they_opened_the_link_of_the_e_mail():
    browser = Client()
    page = sign_up("ada", browser=browser)
    waited = is_in(browser)

    browser.get(linked())
    browser.post(linked())
    sign_in(browser)

    assert "Look into your e-mail" in page.text
    assert not waited
    assert is_in(browser)
    assert EmailAddress.objects.get().verified


def test_a_link_verifies_for_whoever_says_so_and_no_program_that_follows_links():
    sign_up("ada")

    Client().get(linked())

    assert not EmailAddress.objects.get().verified


def test_a_right_password_does_not_suffice_before():
    sign_up("ada")
    browser = Client()

    page = sign_in(browser)

    assert "Look into your e-mail" in page.text
    assert not is_in(browser)


def shown(page):
    """A page without what differs from one visit to the next."""
    return re.sub(r"csrfmiddlewaretoken\" value=\"\w+\"", "", page.text)


def test_a_sign_up_does_not_say_whether_an_address_has_an_account():
    person("ada", email="ada@example.org")
    EmailAddress.objects.create(user=User.objects.get(), email="ada@example.org", verified=True, primary=True)

    known, unknown = sign_up("eve", "ada@example.org"), sign_up("bob", "bob@example.org")

    assert known.redirect_chain == unknown.redirect_chain
    assert shown(known).replace("ada@", "") == shown(unknown).replace("bob@", "")
    assert [message.to for message in mail.outbox] == [["ada@example.org"], ["bob@example.org"]]
    assert "already exists" in mail.outbox[0].body
    assert "https://holdover.example/accounts/password/reset/" in mail.outbox[0].body


def test_neither_does_what_comes_after_it():
    person("ada", email="ada@example.org")
    EmailAddress.objects.create(user=User.objects.get(), email="ada@example.org", verified=True, primary=True)
    for name, email in (("eve", "ada@example.org"), ("bob", "bob@example.org")):
        sign_up(name, email)

    names = ("eve", "bob")
    taken = ["already exists" in sign_up(name, "new@example.org").text for name in names]
    waiting = ["Look into your e-mail" in sign_in(Client(), name).text for name in names]

    assert taken == waiting == [True, True]


def test_an_address_becomes_that_of_the_one_account_which_its_reader_verifies():
    owner = person("ada", email="ada@example.org")
    EmailAddress.objects.create(user=owner, email="ada@example.org", verified=True, primary=True)
    sign_up("eve")
    confirmation = EmailConfirmationHMAC(EmailAddress.objects.get(user__username="eve"))

    page = Client().get(reverse("account_confirm_email", args=[confirmation.key]))
    Client().post(reverse("account_confirm_email", args=[confirmation.key]))

    assert "belongs to another account" in page.text
    assert EmailAddress.objects.get(verified=True).user == owner


def test_whose_account_has_no_address_signs_in_as_before():
    person("ada")
    browser = Client()

    sign_in(browser)

    assert is_in(browser)


def test_a_person_gives_an_address_later_and_it_counts_once_it_is_verified():
    ada = person("ada")
    browser = Client()
    sign_in(browser)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    browser.post(reverse("account_email"), {"email": "ada@example.org", "action_add": ""})
    before = EmailAddress.objects.get().verified

    browser.post(linked())

    assert not before
    assert EmailAddress.objects.get(verified=True).user == ada


def test_an_address_is_changed_only_by_whoever_gives_the_password_again():
    browser = signed_in(person("ada"))

    answer = browser.post(reverse("account_email"), {"email": "eve@example.org", "action_add": ""})

    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("name", ["account_email_verification_sent", "account_email", "account_reauthenticate"])
def test_the_pages_of_an_address_speak_japanese(name):
    browser = Client(headers={"Accept-Language": "ja"})
    person("ada")
    sign_in(browser)

    page = browser.get(reverse(name))

    assert '<html lang="ja">' in page.text
    assert not re.search(r"<(?:h1|p|label)[^>]*>\s*[A-Za-z ]{9,}", page.text.partition("<footer")[0])


def test_accounts_that_nobody_verified_are_gone_after_a_week_and_no_others():
    sign_up("never")
    sign_up("eve", "eve@example.org")
    EmailAddress.objects.filter(email="eve@example.org").update(verified=True)
    person("by-the-operator", email="op@example.org")

    with time_machine.travel(timezone.now() + KEPT - timedelta(seconds=30), tick=False) as clock:
        early = remove_unverified()
        clock.shift(60)
        late = remove_unverified()

    assert (early, late) == (0, 1)
    assert {one.username for one in User.objects.all()} == {"eve", "by-the-operator"}
