"""Passkeys in Chromium, with the authenticator that it has for tests."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

PASSWORD = "correct horse battery staple"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def here(site):
    """The site by a name: browsers keep no passkey for a number."""
    parts = urlsplit(site)
    return f"{parts.scheme}://localhost:{parts.port}" if parts.hostname == "127.0.0.1" else site


@pytest.fixture
def authenticator(page):
    """The browser's own, which says yes whenever it is asked."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def test_a_passkey_is_added_and_signs_in_without_the_password(page, here, authenticator, shoot):
    name = f"p{uuid4().hex[:10]}"
    page.goto(f"{here}/accounts/signup/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/mine")

    page.goto(f"{here}/accounts/2fa/")
    shoot(page, "passkeys-none")
    page.get_by_role("link", name="Add a passkey or a key").click()
    page.locator("main input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    assert page.get_by_label("Sign in with it alone").is_checked()
    shoot(page, "passkeys-add")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/recovery-codes/**")
    shoot(page, "recovery-codes")
    page.goto(f"{here}/accounts/2fa/")
    assert page.get_by_role("link", name="Rename").count() == 1
    shoot(page, "passkeys-one")
    page.goto(f"{here}/accounts/sessions/")
    shoot(page, "sessions")

    page.context.clear_cookies()
    page.goto(f"{here}/accounts/login/")
    shoot(page, "login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/mine")

    assert page.locator(".who").inner_text() == name
    session, which = authenticator
    (credential,) = session.send("WebAuthn.getCredentials", {"authenticatorId": which})["credentials"]
    assert credential["rpId"] == "localhost"
    assert credential["signCount"] > 1
