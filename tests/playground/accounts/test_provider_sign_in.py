"""Signing in with a real OpenID Connect provider, which listens on loopback: discovery, PKCE, token, user."""

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread

from playground.accounts.models import User
from playground.config.sign_in import providers
from playground.experiments.models import Experiment
from tests.playground.people import at_browser, experiment_of, person

pytestmark = pytest.mark.django_db

ADA = Known(sub="4711", claims={"preferred_username": "ada", "email": "ada@example.org", "email_verified": True})

OTHER_ADA = Known(sub="4712", claims=ADA.claims)


@pytest.fixture
def provider(settings):
    """The provider, and the playground configured for it as an installation would be: by the environment."""
    with run_server_in_thread(user_claims=[ADA, OTHER_ADA]) as server:
        environ = {
            "HOLDOVER_OIDC_SERVER_URL": f"http://localhost:{server.server_port}",
            "HOLDOVER_OIDC_NAME": "The company",
            "HOLDOVER_OIDC_CLIENT_ID": "holdover",
            "HOLDOVER_OIDC_SECRET": "s3cret",
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(providers(environ))}}
        yield


def sent_to_the_provider(browser):
    """Where the button of the sign-in page leads."""
    return browser.post("/accounts/oidc/oidc/login/").headers["Location"]


def signed_in_there(address, sub="4711"):
    """Where the provider sends somebody back who signed in there."""
    return httpx.post(address, data={"sub": sub}).headers["Location"]


def test_whom_the_provider_knows_gets_an_account_at_the_first_sign_in_and_the_same_one_later(provider):
    for browser in (Client(), Client()):
        back = signed_in_there(sent_to_the_provider(browser))
        page = browser.get(back, follow=True)
        assert '<span class="who">ada</span>' in page.text

    assert [(one.username, one.has_usable_password()) for one in User.objects.all()] == [("ada", False)]


def test_what_the_browser_made_before_can_be_claimed_then(provider):
    made = experiment_of(browser_key="mine")
    browser = at_browser("mine")

    browser.get(signed_in_there(sent_to_the_provider(browser)), follow=True)
    browser.post(reverse("claim"))

    assert Experiment.objects.get(pk=made.pk).owner.username == "ada"


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(provider):
    back = signed_in_there(sent_to_the_provider(Client()))
    other = Client()

    other.get(back, follow=True)

    assert "Sign in" in other.get("/").text
    assert not User.objects.exists()


def test_the_way_to_the_provider_is_bound_to_this_browser_by_a_challenge(provider):
    assert "code_challenge_method=S256" in sent_to_the_provider(Client())


def test_a_person_with_a_password_is_not_taken_over_by_a_name(provider):
    there = User.objects.create_user("ada", password="correct horse battery staple")
    browser = Client()

    browser.get(signed_in_there(sent_to_the_provider(browser)), follow=True)

    assert User.objects.filter(username="ada").get() == there
    assert browser.session.get("_auth_user_id") != str(there.pk)


KNOWN_ALREADY = {"with e-mail": "mandatory", "without": "none"}


@pytest.mark.parametrize("verification", KNOWN_ALREADY.values(), ids=KNOWN_ALREADY.keys())
def test_a_person_with_an_address_is_not_taken_over_by_that_address(provider, settings, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    there = person("grace", email="ada@example.org")
    EmailAddress.objects.create(user=there, email="ada@example.org", verified=True, primary=True)
    browser = Client()

    answer = browser.get(signed_in_there(sent_to_the_provider(browser)), follow=True)

    assert answer.status_code == 200
    assert browser.session.get("_auth_user_id") != str(there.pk)
    assert SocialAccount.objects.filter(user=there).count() == 0
    assert EmailAddress.objects.get(verified=True).user == there


def test_whom_the_provider_calls_the_same_under_another_subject_is_somebody_else(provider):
    first, other = Client(), Client()
    first.get(signed_in_there(sent_to_the_provider(first)), follow=True)
    other.get(signed_in_there(sent_to_the_provider(other), OTHER_ADA.sub), follow=True)

    assert other.session.get("_auth_user_id") != first.session["_auth_user_id"]
    assert {one.user.username for one in SocialAccount.objects.filter(uid="4711")} == {"ada"}
    assert not SocialAccount.objects.filter(user__username="ada").exclude(uid="4711").exists()


def test_signing_out_ends_it_here_and_signing_in_again_asks_the_provider(provider):
    browser = Client()
    browser.get(signed_in_there(sent_to_the_provider(browser)), follow=True)
    inside = browser.session["_auth_user_id"]

    browser.post(reverse("account_logout"))
    outside = browser.session.get("_auth_user_id")
    browser.get(signed_in_there(sent_to_the_provider(browser)), follow=True)

    assert outside is None
    assert browser.session["_auth_user_id"] == inside


def test_a_provider_that_is_away_is_said_on_a_page(settings):
    away = {
        "HOLDOVER_OIDC_SERVER_URL": "http://localhost:9",
        "HOLDOVER_OIDC_CLIENT_ID": "holdover",
        "HOLDOVER_OIDC_SECRET": "s3cret",
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(providers(away))}}

    answer = Client().post("/accounts/oidc/oidc/login/")

    assert answer.status_code == 503
    assert "The sign-in provider does not answer." in answer.text
