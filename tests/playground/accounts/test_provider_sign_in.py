"""Signing in with a real OpenID Connect provider, which listens on loopback: discovery, PKCE, token, user."""

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread

from playground.accounts.models import User
from playground.config.sign_in import providers
from playground.experiments.models import Experiment
from tests.playground.people import at_browser, experiment_of

pytestmark = pytest.mark.django_db

ADA = Known(sub="4711", claims={"preferred_username": "ada", "email": "ada@example.org", "email_verified": True})


@pytest.fixture
def provider(settings):
    """The provider, and the playground configured for it as an installation would be: by the environment."""
    with run_server_in_thread(user_claims=[ADA]) as server:
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
