"""Replies to notes: one level of them, with the rights of notes."""

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import User
from playground.experiments.models import Visibility
from playground.library.models import Note
from playground.library.notes import stored as notes
from tests.playground.library.search.documents import an_experiment
from tests.playground.people import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return User.objects.create_user("owner")


@pytest.fixture
def run(owner):
    return an_experiment("Cart", visibility=Visibility.UNLISTED, owner=owner).revisions.get().runs.get()


@pytest.fixture
def owners(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def note(run, browser):
    browser.post(f"/r/{run.pk}/notes", {"text": "Why is this warm?", "place": "request-2"})
    return Note.objects.get()


def reply(client, note, text="Because of the freeze"):
    return client.post(f"/r/{note.run_id}/notes", {"text": text, "reply_to": note.pk})


def told(client, run):
    """The texts of each conversation, the first note's first; None for one that is not shown."""
    threads = client.get(f"/r/{run.pk}").context["library"].threads
    return [[each and each.note.text for each in (one.first, *one.replies)] for one in threads]


def test_a_reply_stands_under_its_note_and_at_its_place(owners, run, note):
    answer = reply(owners, note)

    made = Note.objects.get(reply_to=note)
    assert answer.headers["Location"] == f"/r/{run.pk}#note-{made.pk}"
    assert (made.anchor, made.place, made.author.username) == ("request", "request-2", "owner")
    assert told(owners, run) == [["Why is this warm?", "Because of the freeze"]]


def test_a_reply_to_a_reply_stands_in_the_same_conversation(owners, browser, run, note):
    reply(owners, note)
    reply(browser, Note.objects.get(reply_to=note), "I see")

    assert told(browser, run) == [["Why is this warm?", "Because of the freeze", "I see"]]
    assert set(Note.objects.exclude(pk=note.pk).values_list("reply_to", flat=True)) == {note.pk}


def test_conversations_keep_the_order_in_which_they_began(owners, browser, run, note):
    browser.post(f"/r/{run.pk}/notes", {"text": "Another thing", "place": ""})
    reply(owners, note)

    assert told(owners, run) == [["Why is this warm?", "Because of the freeze"], ["Another thing"]]


def test_an_author_edits_deletes_and_brings_back_a_reply(owners, run, note):
    reply(owners, note)
    made = Note.objects.get(reply_to=note)

    owners.post(f"/notes/{made.pk}/edit", {"text": "Because it was frozen"})
    assert told(owners, run) == [["Why is this warm?", "Because it was frozen"]]
    assert "Your note is deleted" in owners.post(f"/notes/{made.pk}/delete", follow=True).text
    assert told(owners, run) == [["Why is this warm?"]]
    owners.post(f"/notes/{made.pk}/restore")
    assert told(owners, run) == [["Why is this warm?", "Because it was frozen"]]


def test_replies_stay_where_their_note_is_deleted_or_hidden(owners, browser, run, note):
    reply(owners, note)
    browser.post(f"/notes/{note.pk}/delete")
    assert told(owners, run) == [[None, "Because of the freeze"]]
    assert "A note that is not shown" in owners.get(f"/r/{run.pk}").text

    browser.post(f"/notes/{note.pk}/restore")
    owners.post(f"/notes/{note.pk}/hide", {"hidden": "yes"})
    assert told(Client(), run) == [[None, "Because of the freeze"]]
    assert told(owners, run) == [["Why is this warm?", "Because of the freeze"]]


@pytest.mark.parametrize("action", ["edit", "delete", "restore", "hide"])
def test_nobody_else_touches_a_reply(browser, owners, run, note, action):
    reply(owners, note)
    made = Note.objects.get(reply_to=note)

    assert browser.post(f"/notes/{made.pk}/{action}", {"text": "forged", "hidden": "yes"}).status_code == 404
    assert told(owners, run) == [["Why is this warm?", "Because of the freeze"]]


def deleted(note):
    notes.take_back(note)
    return note.pk


def hidden(note):
    notes.set_hidden(note, hidden=True)
    return note.pk


def of_another_run(note):
    run = an_experiment("Other").revisions.get().runs.get()
    return Note.objects.create(run=run, text=note.text).pk


@pytest.mark.parametrize("gone", [deleted, hidden, of_another_run, lambda note: "\x00é", lambda note: "x" * 5000])
def test_what_is_not_shown_is_not_replied_to(run, note, gone):
    answer = Client().post(f"/r/{run.pk}/notes", {"text": "Kept words", "reply_to": gone(note)})

    assert answer.status_code == 422
    assert "The note that this answers is not shown any more" in answer.text
    assert "Kept words" in answer.text
    assert not Note.objects.filter(text="Kept words").exists()


def test_a_run_that_one_may_not_open_takes_no_reply(run, note):
    experiment = run.revision.experiment
    experiment.visibility = Visibility.PRIVATE
    experiment.save()

    assert reply(Client(), note).status_code == 404


def test_whoever_is_replied_to_hears_of_it_among_their_notes(browser, owners, note):
    reply(owners, note)

    assert "Because of the freeze" in browser.get("/library/notes").text
    assert "Because of the freeze" not in Client().get("/library/notes").text
    assert "Why is this warm?" in owners.get("/library/notes").text


def test_a_program_replies_and_reads_what_is_a_reply(owner, run, note):
    headers = {"Authorization": f"Bearer {token_of(owner)[1]}"}
    address = reverse("api-run-notes", args=[run.pk])

    def send(key):
        body = {"text": "From a program", "reply_to": key}
        return Client().post(address, body, "application/json", headers=headers)

    assert send(note.pk).json()["reply_to"] == note.pk
    assert [one["reply_to"] for one in Client().get(address).json()["items"]] == [None, note.pk]
    assert send("x" * 22).status_code == 422


def test_a_conversation_is_read_in_japanese(run, note):
    reply(Client(), note)

    assert "返信" in Client(headers={"Accept-Language": "ja"}).get(f"/r/{run.pk}").text
