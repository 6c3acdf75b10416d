"""Tokens for a person's programs, and the pages where a person makes and revokes them."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.accounts import tokens
from playground.accounts.models import ApiToken, User
from tests.playground.people import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def person():
    return User.objects.create_user("ann")


@pytest.fixture
def signed_in(person):
    browser = Client()
    browser.force_login(person)
    return browser


def test_a_token_is_its_persons_and_its_secret_is_stored_nowhere(person):
    token, secret = token_of(person, "ci")

    assert tokens.token_of(secret).user == person
    assert secret.startswith(token.hint)
    assert secret not in str(ApiToken.objects.values().get())


STRANGE = ["", "hld_", "hld_unknown", "Bearer hld_x", "hld_\x00", "hld_ü", "x" * 10_000]


@pytest.mark.parametrize("secret", STRANGE, ids=range(len(STRANGE)))
def test_what_was_never_issued_is_nobodys(person, secret):
    token_of(person, "ci")

    assert tokens.token_of(secret) is None


def test_a_revoked_token_is_nobodys_any_more(person):
    token, secret = token_of(person, "ci")

    assert tokens.revoke(person, token.pk)
    assert tokens.token_of(secret) is None
    assert not tokens.revoke(person, token.pk)


def test_a_token_cannot_be_revoked_by_somebody_else(person):
    token, secret = token_of(person, "ci")

    assert not tokens.revoke(User.objects.create_user("eve"), token.pk)
    assert tokens.token_of(secret)


def test_the_token_of_a_person_who_was_shut_out_is_nobodys(person):
    _, secret = token_of(person, "ci")
    User.objects.update(is_active=False)

    assert tokens.token_of(secret) is None


def test_an_expired_token_is_nobodys_any_more(person):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        _, secret = token_of(person, days=7)
        clock.shift(7 * 86400 - 1)
        assert tokens.token_of(secret)
        clock.shift(1)

        assert tokens.token_of(secret) is None
        assert [one.has_expired for one in tokens.tokens_of(person)] == [True]


def test_an_expired_token_is_listed_for_a_month_and_counts_no_more(person, monkeypatch):
    monkeypatch.setattr(tokens, "TOKENS_MAX", 1)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token_of(person, days=7)
        clock.shift(8 * 86400)
        token_of(person, "the next", days=90)
        clock.shift(30 * 86400)

        assert [one.name for one in tokens.tokens_of(person)] == ["the next"]


def test_its_use_is_noted_once_a_minute(person, django_assert_num_queries):
    _, secret = token_of(person, "ci")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens.token_of(secret)
        clock.shift(59)
        tokens.token_of(secret)
        early = ApiToken.objects.get().last_used_at
        clock.shift(2)
        tokens.token_of(secret)

    assert (ApiToken.objects.get().last_used_at - early).total_seconds() == 61


def test_a_person_has_a_bounded_number_of_tokens(person, monkeypatch):
    monkeypatch.setattr(tokens, "TOKENS_MAX", 2)
    token_of(person, "a")
    token_of(person, "b")

    with pytest.raises(tokens.TooManyTokens):
        token_of(person, "c")


# What the form has chosen already.
CHOSEN = {"scope": "write", "days": "90"}


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arguments"), [("tokens", []), ("token-revoke", [1])])
def test_who_is_not_signed_in_is_asked_to(browser, name, arguments):
    answer = browser.get(reverse(name, args=arguments))

    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]


def test_a_new_token_is_shown_once(signed_in, person):
    shown = signed_in.post(reverse("tokens"), CHOSEN | {"name": " my  laptop "}).content.decode()
    later = signed_in.get(reverse("tokens")).content.decode()

    token = ApiToken.objects.get()
    secret = shown.split('id="secret">hld_')[1].split("<")[0]
    assert tokens.token_of(f"hld_{secret}") == token
    assert token.name == "my laptop"
    assert token.hint in later
    assert secret not in later


def test_a_new_token_may_what_was_chosen_for_as_long_as_was_chosen(signed_in):
    signed_in.post(reverse("tokens"), {"name": "laptop", "scope": "read", "days": "7"})

    token = ApiToken.objects.get()
    assert token.scope == "read"
    assert (token.expires_at - token.created_at).days in {6, 7}
    page = signed_in.get(reverse("tokens")).text
    assert f"{token.expires_at:%Y-%m-%d %H:%M}" in page


@pytest.mark.parametrize("choice", [{"scope": "root"}, {"scope": ""}, {"days": "9999"}, {"days": ""}, {"days": "x"}])
def test_what_is_not_in_a_list_is_refused(signed_in, choice):
    answer = signed_in.post(reverse("tokens"), CHOSEN | {"name": "laptop"} | choice)

    assert answer.status_code == 422
    assert "from the list" in answer.text
    assert 'value="laptop"' in answer.text
    assert not ApiToken.objects.exists()


BAD_NAMES = {
    "none": ("", "The name is missing"),
    "blanks": (" \t ", "The name is missing"),
    "too long": ("x" * 81, "81 characters; it may have 80"),
    "a right-to-left override": ("a\u202eb", "cannot be seen"),
    "a NUL": ("a\x00b", "cannot be seen"),
}


@pytest.mark.parametrize(("name", "words"), BAD_NAMES.values(), ids=BAD_NAMES.keys())
def test_a_name_that_cannot_be_is_refused_and_kept_as_typed(signed_in, name, words):
    answer = signed_in.post(reverse("tokens"), CHOSEN | {"name": name})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_markup_in_a_name_is_text(signed_in):
    page = signed_in.post(reverse("tokens"), CHOSEN | {"name": "<script>x</script>"}).content.decode()

    assert "<script>x" not in page


def test_revoking_asks_first(signed_in, person):
    token, secret = token_of(person, "ci")
    address = reverse("token-revoke", args=[token.pk])

    asked = signed_in.get(address).content.decode()
    assert "Revoke “ci”?" in asked
    assert tokens.token_of(secret)
    assert signed_in.post(address).headers["Location"] == reverse("tokens")
    assert tokens.token_of(secret) is None


def test_somebody_elses_token_does_not_exist(signed_in):
    token, secret = token_of(User.objects.create_user("bob"), "ci")

    assert signed_in.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    assert tokens.token_of(secret)


def test_one_who_has_as_many_as_one_may_is_told_so(signed_in, person, monkeypatch):
    monkeypatch.setattr(tokens, "TOKENS_MAX", 0)

    answer = signed_in.post(reverse("tokens"), CHOSEN | {"name": "one more"})

    assert answer.status_code == 422
    assert "revoke one" in answer.content.decode()
