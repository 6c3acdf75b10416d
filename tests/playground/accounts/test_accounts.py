"""Signing in: with a name and a password, within limits, and with providers by configuration."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import User
from playground.config.sign_in import Mail, mail, origins, providers
from playground.experiments.models import Experiment
from tests.playground.pages.test_views import FORM
from tests.playground.people import PASSWORD, person, signed_in

pytestmark = pytest.mark.django_db


def sign_up(client, **varied):
    return client.post(reverse("account_signup"), {"username": "ada", "password1": PASSWORD} | varied)


def sign_in(client, name="ada", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": name, "password": password} | more)


def test_a_name_and_a_password_make_an_account(browser):
    answer = sign_up(browser)

    assert answer.headers["Location"] == "/mine"
    assert ">ada</span>" in browser.get("/mine").text


BAD_ACCOUNTS = {
    "a name that is taken": {"username": "Eve"},
    "a name that is ours": {"username": "admin"},
    "a name that looks like one of ours": {"username": "\u0430dmin"},
    "a name that looks like one that is taken": {"username": "\u0435v\u0435"},
    "letters of two scripts": {"username": "\u0431ob"},
    "a name that nobody sees": {"username": "\u3164\u3164"},
    "a name of signs": {"username": ".."},
    "a name that is ours in full-width letters": {"username": "\uff41dmin"},
    "markup": {"username": "<script>"},
    "a name that turns around": {"username": "ad\u202ea"},
    "an invisible name": {"username": "ad\u200ba"},
    "a common password": {"password1": "password123"},
    "a short password": {"password1": "x7!q"},
    "no password": {"password1": ""},
}


@pytest.mark.parametrize("varied", BAD_ACCOUNTS.values(), ids=BAD_ACCOUNTS.keys())
def test_an_account_that_will_not_do_is_refused_at_its_field(browser, varied):
    person("eve")

    answer = sign_up(browser, **varied)

    assert answer.status_code == 200
    assert 'class="error"' in answer.text
    assert User.objects.count() == 1


def test_a_name_in_full_width_letters_is_stored_in_plain_ones(browser):
    sign_up(browser, username="\uff41da")

    assert User.objects.get().username == "ada"


def test_whoever_signs_in_is_led_back_to_where_they_were(browser):
    person("ada")

    assert sign_in(browser, next="/gallery").headers["Location"] == "/gallery"
    assert sign_in(Client(), next="https://evil.example/").headers["Location"] == "/mine"


def test_a_wrong_password_does_not_say_whether_there_is_such_a_person(browser):
    person("ada")

    pages = [sign_in(browser, name, "wrong").text for name in ("ada", "nobody")]

    assert all("not correct" in page for page in pages)


def test_a_sign_up_does_not_say_whether_an_e_mail_address_has_an_account(settings):
    settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
    person("ada", email="ada@example.org")

    answers = [
        sign_up(Client(), username=name, email=f"{email}@example.org")
        for name, email in (("eve", "ada"), ("bob", "nobody"))
    ]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, "/mine")] * 2


def test_too_many_wrong_passwords_are_refused_for_a_while(browser):
    person("ada")
    for _ in range(5):
        sign_in(browser, password="wrong")

    assert "Too many failed" in sign_in(browser).text
    assert ">ada</span>" not in browser.get("/mine").text


def test_signing_in_works_without_a_broker(browser, broker_away):
    person("ada")

    assert sign_in(browser).status_code == 302


def test_what_was_typed_on_the_first_page_survives_a_sign_in_without_scripts(browser):
    person("ada")
    typed = FORM | {"handler": "", "step_payload": ["{not yet JSON", ""], "action": "sign-in"}

    to_sign_in = browser.post("/", typed)
    back = sign_in(browser, next="/?kept=1")

    state = browser.get(back.headers["Location"]).context["form_state"]
    assert to_sign_in.headers["Location"] == f"{reverse('account_login')}?next=/%3Fkept%3D1"
    assert (state.handler, state.steps[0].payload) == ("", "{not yet JSON")
    assert not Experiment.objects.exists()


def test_what_is_too_large_for_a_session_is_said_and_stays_on_the_page(browser):
    typed = FORM | {"file_text": ["x" * 2_000_001], "action": "sign-in"}

    answer = browser.post("/", typed)

    assert answer.status_code == 422
    assert "too large to be kept" in answer.context["form_state"].errors["form"]
    assert len(answer.context["form_state"].files[0].text) == 2_000_001


def test_what_one_browser_typed_is_not_shown_to_another(browser):
    browser.post("/", FORM | {"handler": "mine.only", "action": "sign-in"})

    assert "mine.only" not in Client().get("/?kept=1").text


def test_signing_out_is_a_form_and_ends_it():
    ada = person()
    client = signed_in(ada)

    client.post(reverse("account_logout"))

    assert "Sign in" in client.get("/mine").text


def test_what_a_person_runs_is_theirs_at_every_browser():
    ada = person()
    signed_in(ada).post("/", FORM)

    assert Experiment.objects.get().owner == ada
    assert len(signed_in(ada).get("/mine").context["mine"].rows) == 1
    assert len(Client().get("/mine").context["mine"].rows) == 0


PAGES = ["account_login", "account_signup", "account_reset_password", "account_inactive"]


@pytest.mark.parametrize("name", PAGES)
def test_account_pages_look_like_ours_and_let_nothing_run(browser, name):
    page = browser.get(reverse(name))

    assert 'class="wordmark"' in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert " style=" not in page.text
    assert "<script>" not in page.text


# --- providers ------------------------------------------------------------------------------------------------------

OIDC = {
    "HOLDOVER_OIDC_SERVER_URL": "https://id.example.org/realms/a",
    "HOLDOVER_OIDC_NAME": "Example",
    "HOLDOVER_OIDC_CLIENT_ID": "holdover",
    "HOLDOVER_OIDC_SECRET": "s3cret",
}
ONE = {"provider_id": "x", "name": "X", "client_id": "c", "secret": "s", "server_url": "https://x.example"}


def test_without_configuration_there_is_no_provider_and_no_button(browser):
    assert providers({}) == ()
    assert 'class="providers"' not in browser.get(reverse("account_login")).text


def test_a_provider_that_is_configured_has_a_button(browser, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": list(providers(OIDC))}}

    page = browser.get(reverse("account_login")).text

    assert "Example" in page
    assert "/accounts/oidc/oidc/login/" in page
    assert "s3cret" not in page


def test_providers_come_from_a_file_too(tmp_path):
    file = tmp_path / "providers.json"
    file.write_text(json.dumps([ONE]))

    found = providers(OIDC | {"HOLDOVER_OIDC_FILE": str(file)})

    assert [one["provider_id"] for one in found] == ["oidc", "x"]
    assert origins(found) == ["https://id.example.org", "https://x.example"]


BAD_FILES = {
    "no JSON": ("{", "cannot be read"),
    "no list": ("{}", "must hold a list"),
    "a text": ('["x"]', "must have exactly"),
    "an unknown key": (json.dumps([ONE | {"x": 1}]), "must have exactly"),
    "a missing key": (json.dumps([{k: v for k, v in ONE.items() if k != "secret"}]), "secret is missing"),
    "no address": (json.dumps([ONE | {"server_url": "x"}]), "must begin with https://"),
}


@pytest.mark.parametrize(("text", "words"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_of_providers_that_cannot_be_meant_stops_the_start_with_a_sentence(tmp_path, text, words):
    file = tmp_path / "providers.json"
    file.write_text(text)

    with pytest.raises(SystemExit, match=words):
        providers({"HOLDOVER_OIDC_FILE": str(file)})


def test_half_a_provider_stops_the_start_with_a_sentence():
    with pytest.raises(SystemExit, match="HOLDOVER_OIDC_SERVER_URL is set, but client_id is missing"):
        providers({"HOLDOVER_OIDC_SERVER_URL": "https://id.example.org"})


def test_mail_goes_where_the_configuration_says():
    found = mail("smtp://me:p%40ss@mail.example.org:587?tls=1")

    assert (found.host, found.port, found.user, found.password, found.tls) == (
        "mail.example.org",
        587,
        "me",
        "p@ss",
        True,
    )
    assert mail("") == Mail()
    with pytest.raises(SystemExit, match="must look like"):
        mail("http://x")
