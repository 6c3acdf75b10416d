"""The weekly e-mail: who gets it, what is in it, that it is sent once, and that one click ends it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from playground.experiments.models import Visibility
from playground.experiments.signals import tidy_up
from playground.library.collections import stored as collections
from playground.library.digests import content, subscriptions
from playground.library.digests.sending import send_due
from playground.library.models import Collection, Digest, Note
from playground.teams import teams
from tests.playground.library.search.documents import an_experiment
from tests.playground.people import person, signed_in, team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sending", "within_a_minute")]


@pytest.fixture
def sending(configure):
    configure(email_url="smtp://mail.example:25", trusted_origins=("https://holdover.example",))


@pytest.fixture
def ada():
    found = person("ada")
    EmailAddress.objects.create(user=found, email="ada@example.org", verified=True, primary=True)
    return found


@pytest.fixture
def subscribed(ada):
    subscriptions.subscribe(ada, language="en", site="https://holdover.example/")
    return ada


@pytest.fixture
def platform(ada):
    return team("Platform", owner=[person("owner")], reader=[ada])


def after(**time):
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def note_on(user, text="Mended in 1.2"):
    run = an_experiment("Cart", owner=user).revisions.get().runs.get()
    return Note.objects.create(run=run, text=text, author=person("bob"))


def link_of(message):
    return message.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://holdover.example")


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_it_says_what_is_new_and_leads_there(subscribed, platform):
    note = note_on(subscribed)
    shared = an_experiment("Basket", visibility=Visibility.TEAM, team=platform, owner=person("eve"))
    collection = Collection.objects.create(
        title="Ways", owner=platform.members.get(username="owner"), team=platform, visibility=Visibility.TEAM
    )
    collections.put(collection, shared)
    with after(days=7, minutes=1):
        assert send_due() == 1

    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ada@example.org"], "[Holdover] 3 things are new on Holdover")
    assert f"bob on Cart: Mended in 1.2\n  https://holdover.example/r/{note.run_id}#note-{note.pk}" in message.body
    assert f"Basket (leak)\n  https://holdover.example/x/{shared.pk}\n" in message.body
    assert f"Basket, in Ways\n  https://holdover.example/x/{shared.pk}?in={collection.pk}" in message.body


def test_it_is_in_the_language_in_which_it_was_asked_for(ada):
    browser = signed_in(ada)
    browser.post(reverse("digest"), {"action": "start"}, headers={"Accept-Language": "ja"})
    note_on(ada)
    with after(days=8):
        send_due()

    assert mail.outbox[0].subject == "[Holdover] Holdover の新着 1 件"
    assert "こんにちは" in mail.outbox[0].body


def test_what_is_more_than_fits_is_counted(subscribed, monkeypatch):
    monkeypatch.setattr(content, "SHOWN_MAX", 1)
    note = note_on(subscribed)
    Note.objects.create(run=note.run, text="Another", author=note.author)
    with after(days=8):
        send_due()

    assert "and 1 more" in mail.outbox[0].body


def test_what_was_written_is_one_line_of_text(subscribed):
    note_on(subscribed, "first\r\nBcc: eve@example.org\n\u202e" + "x" * 5000)
    with after(days=8):
        send_due()

    (message,) = mail.outbox
    assert message.recipients() == ["ada@example.org"]
    assert "first Bcc: eve@example.org" in message.body
    assert "\u202e" not in message.body
    assert len(message.body) < 2_000


def no_longer_shared(note, platform, ada):
    note.run.revision.experiment.__class__.objects.update(visibility=Visibility.PRIVATE, owner=note.author)


def hidden(note, platform, ada):
    note.run.revision.experiment.__class__.objects.update(owner=person("another"))


def team_left(note, platform, ada):
    Note.objects.all().delete()
    an_experiment("Basket", visibility=Visibility.TEAM, team=platform, owner=note.author)
    teams.remove(platform, ada.pk, ada)


@pytest.mark.parametrize("what_happens", [no_longer_shared, hidden, team_left])
def test_nothing_that_its_person_may_not_see_is_in_it(subscribed, platform, what_happens):
    what_happens(note_on(subscribed), platform, subscribed)
    with after(days=8):
        assert send_due() == 0

    assert not mail.outbox


# --- when, and how often ----------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_a_week_is_over_and_nothing_twice(subscribed):
    note_on(subscribed)
    with after(days=6, hours=23):
        assert send_due() == 0
    with after(days=7, minutes=1):
        assert [send_due(), send_due()] == [1, 0]
    with after(days=15):
        assert send_due() == 0

    assert len(mail.outbox) == 1


def test_two_workers_that_saw_it_due_send_it_once(subscribed, monkeypatch):
    note_on(subscribed)
    opened = locmem.EmailBackend.open

    def another_is_quicker(backend):
        monkeypatch.setattr(locmem.EmailBackend, "open", opened)
        send_due()

    monkeypatch.setattr(locmem.EmailBackend, "open", another_is_quicker)
    with after(days=8):
        assert send_due() == 0

    assert len(mail.outbox) == 1


def test_a_server_that_is_away_leaves_it_due(subscribed, monkeypatch):
    def away(backend):
        raise ConnectionRefusedError

    note_on(subscribed)
    with after(days=8):
        with monkeypatch.context() as patch:
            patch.setattr(locmem.EmailBackend, "open", away)
            assert send_due() == 0
        assert send_due() == 1


def test_what_could_not_be_sent_is_in_the_next_one(subscribed, monkeypatch):
    def refused(backend, messages):
        raise ConnectionResetError

    note_on(subscribed)
    with after(days=8), monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", refused)
        assert send_due() == 0
    with after(days=9):
        assert send_due() == 0
    with after(days=15):
        assert send_due() == 1


@pytest.mark.parametrize("what", ["unverified", "inactive", "no e-mail here"])
def test_an_e_mail_goes_to_verified_addresses_of_people_who_may_sign_in(subscribed, configure, what):
    note_on(subscribed)
    if what == "unverified":
        EmailAddress.objects.update(verified=False)
    elif what == "inactive":
        subscribed.is_active = False
        subscribed.save()
    else:
        configure(email_url="")
    with after(days=8):
        assert send_due() == 0


def test_a_worker_sends_it_and_so_does_the_command(subscribed):
    note = note_on(subscribed)
    with after(days=8):
        tidy_up()
    assert len(mail.outbox) == 1

    said = StringIO()
    with after(days=15):
        Note.objects.create(run=note.run, text="Later", author=note.author)
    with after(days=15, minutes=1):
        call_command("send_digests", stdout=said)
    assert said.getvalue() == "1 e-mails were sent.\n"


# --- asking for it, and ending it -------------------------------------------------------------------------------------


def test_nobody_gets_it_who_did_not_ask(ada):
    note_on(ada)
    with after(days=8):
        assert send_due() == 0


def test_a_person_begins_and_ends_it_on_its_page(ada):
    browser, page = signed_in(ada), reverse("digest")
    assert "Send it to ada@example.org" in browser.get(page).text

    began = browser.post(page, {"action": "start"}, follow=True)
    assert "The next one goes to ada@example.org" in began.text
    ended = browser.post(page, {"action": "stop"}, follow=True)
    assert "You will not get these e-mails any more" in ended.text
    assert not Digest.objects.exists()


def test_the_page_says_why_it_cannot_be_asked_for(ada, configure):
    other = signed_in(person("eve"))
    assert "You have no verified e-mail address" in other.get(reverse("digest")).text
    assert other.post(reverse("digest"), {"action": "start"}).status_code == 409
    configure(email_url="")

    assert "This installation sends no e-mail" in signed_in(ada).get(reverse("digest")).text
    assert "/accounts/login" in Client().post(reverse("digest"), {"action": "start"}).headers["Location"]
    assert not Digest.objects.exists()


def test_one_click_in_the_e_mail_ends_it_without_a_cookie(subscribed):
    note_on(subscribed)
    with after(days=8):
        send_due()
    (message,) = mail.outbox
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link_of(message) in message.body

    asked = Client().get(link_of(message))
    assert (asked.status_code, Digest.objects.count()) == (200, 1)
    ended = Client(enforce_csrf_checks=True).post(link_of(message), {"List-Unsubscribe": "One-Click"})

    assert ended.status_code == 200
    assert "You will not get these e-mails any more" in ended.text
    assert not Digest.objects.exists()


def test_an_old_link_ends_no_later_subscription(ada):
    secrets = []
    for _ in range(2):
        secrets.append(subscriptions.secret_of(subscriptions.subscribe(ada, language="en", site="")))
        subscriptions.unsubscribe(ada)
    subscriptions.subscribe(ada, language="en", site="")

    assert {Client().post(reverse("digest-stop", args=[secret])).status_code for secret in secrets} == {404}
    assert Digest.objects.count() == 1


@pytest.mark.parametrize("secret", ["1", "1-" + "0" * 64, "x-y", "9" * 40 + "-1", "-"])
def test_a_forged_link_ends_nothing(subscribed, secret):
    assert Client().post(reverse("digest-stop", args=[secret])).status_code == 404
    assert Digest.objects.count() == 1
