"""Notes on runs: who writes, reads, changes and hides them, and where they stand."""

import pytest
from django.test import Client

from playground.accounts.models import User
from playground.experiments.models import Visibility
from playground.library.models import Note
from playground.runs import throttling
from tests.playground.library.search.documents import an_experiment

pytestmark = [pytest.mark.django_db, pytest.mark.database]


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


def write(client, run, text="Mended in 1.2", **fields):
    return client.post(f"/r/{run.pk}/notes", {"text": text, "place": "", **fields})


def test_an_anonymous_browser_writes_and_the_owner_sees_it(browser, owners, run):
    answer = write(browser, run, "Seen **again** today", place="request-2")

    note = Note.objects.get()
    assert answer.headers["Location"] == f"/r/{run.pk}#note-{note.pk}"
    page = owners.get(f"/r/{run.pk}").text
    assert f'id="note-{note.pk}"' in page
    assert "Seen <strong>again</strong> today" in page
    assert f"/r/{run.pk}#note-{note.pk}" in owners.get("/library/notes").text


def test_a_note_is_text_and_not_markup(browser, run):
    write(browser, run, "<script>alert(1)</script> [x](javascript:alert(1)) \u202e")

    page = browser.get(f"/r/{run.pk}").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "\u202e" not in page


@pytest.mark.parametrize(
    ("fields", "kind", "place"),
    [
        ({}, "run", ""),
        ({"place": "request-1"}, "request", "request-1"),
        ({"place": "finding-1"}, "finding", "finding-1"),
        ({"place": "code-app-mjs-3"}, "code", "code-app-mjs-3"),
        ({"line": "9", "file": "app.mjs"}, "code", "code-app-mjs-9"),
        ({"log_line": "2"}, "log", "log-line-2"),
        ({"place": "request-1", "log_line": " 2 "}, "log", "log-line-2"),
    ],
)
def test_a_note_is_pinned_to_a_place_and_marked_there(browser, run, fields, kind, place):
    write(browser, run, **fields)

    note = Note.objects.get()
    assert (note.anchor, note.place) == (kind, place)
    answer = browser.get(f"/r/{run.pk}")
    assert answer.context["library"].marks == ({place: 1} if place else {})
    assert answer.text.count('class="note-mark"') == (1 if place else 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"place": "request-9"},
        {"place": "nowhere"},
        {"line": "10000", "file": "app.mjs"},
        {"line": "9", "file": "other.mjs"},
        {"line": "x", "file": "app.mjs"},
        {"log_line": "999999999999999999999"},
        {"place": "\x00"},
    ],
)
def test_a_place_that_the_run_does_not_have_is_refused(browser, run, fields):
    answer = write(browser, run, **fields)

    assert answer.status_code == 422
    assert "This run has no such place" in answer.text
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "The note is empty"), (" \n ", "The note is empty"), ("x" * 5_001, "The note has 5,001 characters")],
)
def test_a_text_that_is_none_is_refused(browser, run, text, sentence):
    answer = write(browser, run, text)

    assert answer.status_code == 422
    assert sentence in answer.text


def test_what_no_database_keeps_is_left_out_of_a_note(browser, run):
    browser.post(f"/r/{run.pk}/notes", "place=&text=a%00b%ed%a0%80c", content_type="application/x-www-form-urlencoded")

    assert browser.get(f"/r/{run.pk}").status_code == 200
    assert Note.objects.get().text.startswith("ab")


@pytest.mark.usefixtures("within_a_minute")
def test_writing_is_limited(browser, run):
    answers = [write(browser, run).status_code for _ in range(throttling.NOTES_PER_MINUTE + 1)]

    assert answers[-1] == 429
    assert Note.objects.count() == throttling.NOTES_PER_MINUTE


def test_a_run_that_one_may_not_open_takes_no_note(browser, owner):
    run = an_experiment(visibility=Visibility.PRIVATE, owner=owner).revisions.get().runs.get()

    assert write(browser, run).status_code == 404


# --- one's own --------------------------------------------------------------------------------------------------------


def test_an_author_edits_takes_back_and_brings_back(browser, run):
    write(browser, run)
    note = Note.objects.get()

    browser.post(f"/notes/{note.pk}/edit", {"text": "Mended in 1.3"})
    assert "Mended in 1.3" in browser.get(f"/r/{run.pk}").text

    after = browser.post(f"/notes/{note.pk}/delete", follow=True)
    assert "Your note is deleted" in after.text
    assert "Mended in 1.3" not in after.text

    browser.post(f"/notes/{note.pk}/restore")
    assert "Mended in 1.3" in browser.get(f"/r/{run.pk}").text


@pytest.mark.parametrize("action", ["edit", "delete", "restore", "hide"])
def test_nobody_else_touches_a_note(browser, run, action):
    write(browser, run)
    note = Note.objects.get()

    answer = Client().post(f"/notes/{note.pk}/{action}", {"text": "forged", "hidden": "yes"})

    note.refresh_from_db()
    assert answer.status_code == 404
    assert (note.text, note.deleted_at, note.hidden_at) == ("Mended in 1.2", None, None)


def test_an_owner_hides_a_note_from_others(browser, owners, run):
    write(browser, run, "something rude")
    note = Note.objects.get()

    owners.post(f"/notes/{note.pk}/hide", {"hidden": "yes"})

    assert "something rude" not in Client().get(f"/r/{run.pk}").text
    assert Client().get(f"/notes/{note.pk}").status_code == 404
    assert "hidden from others" in owners.get(f"/r/{run.pk}").text
    assert "something rude" in browser.get(f"/r/{run.pk}").text

    owners.post(f"/notes/{note.pk}/hide", {"hidden": "no"})
    assert "something rude" in Client().get(f"/r/{run.pk}").text


def test_a_notes_own_address_leads_to_where_it_stands(browser, run):
    write(browser, run)
    note = Note.objects.get()

    assert browser.get(f"/notes/{note.pk}").headers["Location"] == f"/r/{run.pk}#note-{note.pk}"


def test_a_note_on_what_is_no_longer_shared_is_gone(browser, run):
    write(browser, run)
    experiment = run.revision.experiment
    experiment.visibility = Visibility.PRIVATE
    experiment.save()

    assert browser.get(f"/notes/{Note.objects.get().pk}").status_code == 404


def test_the_address_chooses_the_place_without_scripts(browser, run):
    answer = browser.get(f"/r/{run.pk}?note=code-app-mjs-3")

    assert '<option value="code-app-mjs-3" selected>app.mjs line 3</option>' in answer.text


def test_many_notes_ask_few_questions(browser, run, django_assert_max_num_queries):
    for number in range(8):
        write(browser, run, f"note {number}")

    with django_assert_max_num_queries(16):
        browser.get(f"/r/{run.pk}")
