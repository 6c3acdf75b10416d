"""No secret that a visit makes or sends stands in the log, whatever comes of it."""

import io
import logging
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from playground.infrastructure.logging_config import logging_configuration
from tests.builders import scenario
from tests.playground.people import person, signed_in, team, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_a_minute")]

TYPED = "a-password-that-somebody-typed"


@pytest.fixture
def log():
    """Everything that is logged, libraries' own lines for developing included, as production writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    made = logging_configuration(as_json=True)["formatters"]["line"].copy()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(made.pop("()")(**made))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def of_a_person():
    """Signing up, in and out, rightly and wrongly."""
    browser = Client()
    browser.post(reverse("account_signup"), {"username": "bea", "password1": TYPED})
    session = browser.session.session_key
    browser.post(reverse("account_logout"))
    for password in (TYPED, TYPED + "!"):
        browser.post(reverse("account_login"), {"login": "bea", "password": password})
    return [TYPED, session, browser.session.session_key]


def of_a_reset():
    """A new password by e-mail; its link is used twice."""
    person("ada", email="ada@example.org")
    browser = Client()
    browser.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    link = re.search(r"http\S+/reset/key/(\S+)/", mail.outbox[-1].body)
    for _ in range(2):
        form = browser.get(link[0], follow=True)
        at = form.redirect_chain[-1][0] if form.redirect_chain else link[0]
        browser.post(at, dict.fromkeys(("password1", "password2"), TYPED))
    return [TYPED, link[1], link[1].partition("-")[2]]


def of_an_invitation():
    """One is joined by, and asked for again by somebody else."""
    owner = person("owner")
    made = signed_in(owner).post(reverse("team-invite", args=[team(owner=[owner]).pk]), {"role": "reader"})
    secret = made.context["new_link"].rsplit("/", 1)[-1]
    for name in ("first", "second"):
        signed_in(person(name)).post(reverse("team-join", args=[secret]))
    Client().get(reverse("team-join", args=[secret]))
    return [secret]


def of_a_token():
    """It is used where it may and where it may not, and where there is nothing."""
    _, secret = token_of(person("maker"), scope="read")
    headers = {"Authorization": f"Bearer {secret}"}
    for where in (reverse("api-runs"), "/api/v1/nothing", f"/api/v1/runs/{secret}", f"/{secret}"):
        Client().get(where, headers=headers)
        Client().post(where, "{", content_type="application/json", headers=headers)
    return [secret]


def of_a_claim_link():
    """It hands over once."""
    sent = {"scenario": scenario().to_json()}
    made = Client().post(reverse("api-runs"), sent, content_type="application/json").json()
    for _ in range(2):
        Client().post(made["claim_url"])
    return [made["claim_url"].rsplit("/", 1)[-1]]


def of_a_feed():
    """It is read while its key holds, and after it was withdrawn."""
    owner = person("owner")
    client, sent = signed_in(owner), {"of": f"team:{team(owner=[owner]).pk}"}
    address = client.post(reverse("feeds"), sent).context["made"]
    Client().get(address)
    client.post(reverse("feeds"), sent | {"action": "withdraw"})
    Client().get(address)
    return [address.rsplit("/", 1)[-1]]


@pytest.mark.parametrize("visit", [of_a_person, of_a_reset, of_an_invitation, of_a_token, of_a_claim_link, of_a_feed])
def test_no_secret_of_a_visit_stands_in_the_log(log, visit):
    secrets = visit()
    logging.getLogger("playground").info("The visit is over.")

    assert all(len(secret) > 8 for secret in secrets)
    assert "The visit is over." in log.getvalue()
    assert [secret for secret in secrets if secret in log.getvalue()] == []


def test_a_secret_in_the_log_would_be_found(log):
    logging.getLogger("django.request").warning("Not Found: /teams/join/%s", "a-secret-of-a-team")

    assert "a-secret-of-a-team" in log.getvalue()
