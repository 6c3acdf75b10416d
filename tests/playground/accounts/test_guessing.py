"""Every door that checks a secret has a brake; nobody is locked out by somebody else's guesses."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from playground.accounts.models import User
from playground.experiments import claim_links
from playground.experiments.models import Experiment
from playground.infrastructure.clients import client_of
from playground.infrastructure.guessing import WRONG_PER_MINUTE
from playground.library.digests import subscriptions
from playground.teams import teams
from tests.builders import scenario
from tests.pages.world import a_finished_run
from tests.playground.people import PASSWORD, person, signed_in, team, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_a_minute")]

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def sign_in(name="ada", password=PASSWORD, address=HERE, **fields):
    sent = {"login": name, "password": password} | fields
    return Client(REMOTE_ADDR=address).post(reverse("account_login"), sent).status_code == 302


def test_the_admin_takes_no_passwords_of_its_own():
    person("boss", is_staff=True)
    door = Client()

    answer = door.post(reverse("admin:login"), {"username": "boss", "password": PASSWORD})

    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert door.get(reverse("admin:index")).status_code == 302


def test_guesses_at_the_name_of_staff_are_refused_after_the_fifth():
    person("boss", is_staff=True)

    assert not any(sign_in("boss", f"wrong {number}") for number in range(5))
    assert not sign_in("boss")


def test_whoever_guesses_locks_out_themselves_alone():
    person("ada")
    for number in range(6):
        sign_in(password=f"wrong {number}")

    assert not sign_in()
    assert sign_in(address=ELSEWHERE)


def test_one_address_guesses_at_no_more_than_ten_names():
    for number in range(10):
        sign_in(f"somebody-{number}", "wrong")
    person("ada")

    assert not sign_in()
    assert sign_in(address=ELSEWHERE)


def test_many_clients_lock_a_name_and_a_new_password_by_e_mail_lets_its_person_in(settings):
    settings.ACCOUNT_RATE_LIMITS |= {"login_failed_by_name": "7/h/key"}
    person("ada", email="ada@example.org")
    for number in range(7):
        sign_in("ada", "wrong", f"198.51.100.{number}")
    assert not sign_in(address=ELSEWHERE)

    browser = Client(REMOTE_ADDR=ELSEWHERE)
    browser.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    link = next(word for word in mail.outbox[-1].body.split() if "/reset/key/" in word)
    form = browser.get(link, follow=True)
    twice = dict.fromkeys(("password1", "password2"), "a new and good one")
    browser.post(form.redirect_chain[-1][0], twice)

    assert sign_in(password="a new and good one", address=ELSEWHERE)


def test_a_network_of_version_6_is_one_client(rf):
    clients = {client_of(rf.get("/", REMOTE_ADDR=f"2001:db8::{number}")) for number in range(1, 5)}

    assert clients == {"2001:db8::"}
    assert client_of(rf.get("/", REMOTE_ADDR="2001:db8:0:1::1")) == "2001:db8:0:1::"


def of_an_invitation():
    ada = person()
    secret = teams.invite(team(owner=[ada]), "reader", ada)
    return lambda guess=secret: Client().get(reverse("team-join", args=[guess]))


def of_a_claim_link():
    Client().post(reverse("api-runs"), {"scenario": scenario().to_json()}, content_type="application/json")
    made = Experiment.objects.get()
    right = claim_links.signature(made.pk)
    return lambda guess=right: Client().get(reverse("experiment-take", args=[made.pk, guess]))


def of_a_token():
    _, secret = token_of(person(), "a program")
    return lambda guess=secret: Client().get(reverse("api-runs"), headers={"Authorization": f"Bearer {guess}"})


def of_a_feed():
    ada = person()
    made = signed_in(ada).post(reverse("feeds"), {"of": f"team:{team(owner=[ada]).pk}"}).context["made"]
    right = made.rsplit("/", 1)[-1]
    return lambda guess=right: Client().get(reverse("feed", args=[guess]))


def of_a_link_that_ends_an_e_mail():
    right = subscriptions.secret_of(subscriptions.subscribe(person(), language="en", site="http://testserver/"))
    return lambda guess=right: Client().get(reverse("digest-stop", args=[guess]))


def of_an_embed():
    right = a_finished_run(person()).pk
    return lambda guess=right: Client().get(reverse("run-embed", args=[guess]))


DOORS = [of_an_invitation, of_a_claim_link, of_a_token, of_a_feed, of_a_link_that_ends_an_e_mail, of_an_embed]


@pytest.mark.parametrize("door", DOORS)
def test_a_secret_is_not_guessed_at_without_end(door):
    ask = door()
    assert ask().status_code == 200

    wrong = {ask("hld_wrong").status_code for _ in range(WRONG_PER_MINUTE)}

    assert wrong <= {401, 404}
    assert ask().status_code in {401, 404}


def test_guesses_at_embeds_close_no_other_door():
    invitation, embed = of_an_invitation(), Client()
    for number in range(WRONG_PER_MINUTE):
        embed.get(reverse("run-embed", args=[f"gone-{number}"]))

    assert invitation().status_code == 200


@pytest.mark.parametrize(
    ("door", "field"), [("account_reauthenticate", "password"), ("account_change_password", "oldpassword")]
)
def test_who_finds_a_browser_does_not_guess_at_its_persons_password_without_end(door, field):
    ada = signed_in(person())
    twice = dict.fromkeys(("password1", "password2"), "a new and good one")

    wrong = [ada.post(reverse(door), {field: f"wrong {number}", **twice}).status_code for number in range(11)]

    assert wrong[-1] == 429
    assert ada.post(reverse(door), {field: PASSWORD, **twice}).status_code == 429


def test_the_token_of_the_metrics_is_not_guessed_at_without_end(configure):
    configure(metrics_token="right")

    def read(secret):
        return Client().get(reverse("metrics"), headers={"Authorization": f"Bearer {secret}"}).status_code

    assert read("right") == 200
    assert {read("wrong") for _ in range(WRONG_PER_MINUTE)} == {404}
    assert read("right") == 404


@pytest.mark.parametrize("password", ["48151623", "1234567890123"])
def test_a_password_of_digits_alone_is_refused(password):
    answer = Client().post(reverse("account_signup"), {"username": "ada", "password1": password})

    assert answer.status_code == 200
    assert "entirely numeric" in answer.text


OF_THIS_SITE = ["holdover2026", "Holdover-Playground!", "h0ld0ver!!", "example-lambda-1", "P4ssw0rd-Holdover"]


@pytest.mark.parametrize("password", OF_THIS_SITE)
def test_a_password_of_this_sites_own_words_is_refused(password, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "www.example.net"]
    answer = Client().post(reverse("account_signup"), {"username": "ada", "password1": password})

    assert "words of this site alone" in answer.text
    assert not User.objects.exists()


def test_a_password_that_has_such_a_word_among_others_is_taken():
    Client().post(reverse("account_signup"), {"username": "ada", "password1": "a holdover from breakfast"})

    assert User.objects.get().username == "ada"


def test_the_link_of_an_e_mail_is_at_the_configured_site(configure):
    configure(trusted_origins=("https://holdover.example",))
    person("ada", email="ada@example.org")

    Client().post(reverse("account_reset_password"), {"email": "ada@example.org"}, headers={"Host": "localhost:6666"})

    (link,) = [word for word in mail.outbox[-1].body.split() if "/reset/key/" in word]
    assert link.startswith("https://holdover.example/accounts/password/reset/key/")
