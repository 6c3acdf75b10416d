"""Search, collections and notes through the API."""

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import User
from playground.experiments.models import Experiment
from playground.experiments.stored_json import pack
from playground.experiments.viewer import viewer_for
from playground.library.collections import stored as collections
from playground.library.models import Collection, Note
from playground.library.notes import stored as notes
from playground.library.search.indexing import index
from playground.runs import throttling
from tests.playground.people import token_of
from tests.playground.run_results import leak
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return User.objects.create_user("ann")


@pytest.fixture
def anns(ann):
    """The headers of a program of Ann's."""
    return {"Authorization": f"Bearer {token_of(ann, 'tests')[1]}"}


@pytest.fixture
def run(ann):
    """A finished run of Ann's, public."""
    made = a_run(by=viewer_for(ann), status="finished", result_blob=pack(leak().to_json()), verdict="leak")
    Experiment.objects.update(title="A variable that stays", visibility="public")
    index(made.revision.experiment_id)
    return made


def ask(browser, name, *arguments, query="", headers=None):
    return browser.get(reverse(name, args=arguments) + query, headers=headers or {})


def test_what_is_public_is_found_by_a_stranger(browser, run):
    found = ask(browser, "api-search", query="?q=variable").json()

    assert [hit["experiment"]["title"] for hit in found["items"]] == ["A variable that stays"]
    assert found["items"][0]["run"]["id"] == run.pk
    assert found["items"][0]["found_in"] == "title"
    assert found["count"] == 1
    assert {"facet": "verdict", "value": "leak", "count": 1} in found["facets"]


def test_what_is_private_is_found_by_its_owner_only(browser, run, anns):
    Experiment.objects.update(visibility="private")

    assert ask(browser, "api-search", query="?q=variable").json()["items"] == []
    assert len(ask(browser, "api-search", query="?q=variable", headers=anns).json()["items"]) == 1


BAD = {
    "too long": ("?q=" + "x" * 5000, "q"),
    "a NUL": ("?q=%00", "q"),
    "no page": ("?page=0", "page"),
    "many": ("?tag=a" + "&tag=a" * 20, "tag"),
}


@pytest.mark.parametrize(("query", "field"), BAD.values(), ids=BAD.keys())
def test_a_search_that_cannot_be_is_refused_at_its_field(browser, query, field):
    answer = ask(browser, "api-search", query=query)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_operators_alone_find_nothing_and_break_nothing(browser, run):
    assert ask(browser, "api-search", query='?q=-%20"%20OR%20*%20(').status_code == 200


def test_a_collection_has_what_the_reader_may_see_there(browser, run, ann, anns):
    collection = Collection.objects.create(title="Ours", owner=ann, visibility="public", introduction="*why*")
    collections.put(collection, run.revision.experiment, remark="the first")

    def items(headers=None):
        return ask(browser, "api-collection", collection.pk, headers=headers).json()["items"]

    assert [one["remark"] for one in items()] == ["the first"]
    assert ask(browser, "api-collections").json()["items"][0]["experiments"] == 1
    Experiment.objects.update(visibility="private")
    assert (items(), len(items(anns))) == ([], 1)
    assert ask(browser, "api-collections").json()["items"][0]["experiments"] == 0


def test_a_private_collection_does_not_exist_for_others(browser, ann, anns):
    collection = Collection.objects.create(title="Mine", owner=ann, visibility="private")

    assert ask(browser, "api-collection", collection.pk).status_code == 404
    assert ask(browser, "api-collection", collection.pk, headers=anns).status_code == 200


def write(run, body, headers):
    return Client().post(reverse("api-run-notes", args=[run.pk]), body, "application/json", headers=headers or {})


def test_a_note_is_pinned_to_a_place_and_read_by_everybody_who_may_open_the_run(browser, run, anns):
    answer = write(run, {"text": "it is the *global*", "place": "request-2"}, anns)

    assert answer.status_code == 201
    assert answer.json()["author"] == "ann"
    assert (answer.json()["anchor"], answer.json()["place"]) == ("request", "request-2")
    assert ask(browser, "api-run-notes", run.pk).json()["items"] == [answer.json()]


def test_a_stranger_writes_none(run):
    assert write(run, {"text": "x"}, None).status_code == 401
    assert not Note.objects.exists()


BAD_NOTES = {
    "no text": ({"place": ""}, "text"),
    "blanks": ({"text": " \n"}, "text"),
    "too long": ({"text": "x" * 5001}, "text"),
    "a NUL": ({"text": "a\x00"}, "text"),
    "a place that is none": ({"text": "x", "place": "request-99"}, "place"),
    "a place of another kind": ({"text": "x", "place": 5}, "place"),
}


@pytest.mark.parametrize(("body", "field"), BAD_NOTES.values(), ids=BAD_NOTES.keys())
def test_a_note_that_cannot_be_is_refused_at_its_field(run, anns, body, field):
    answer = write(run, body, anns)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Note.objects.exists()


def test_more_notes_than_may_be_are_refused(run, anns, monkeypatch):
    monkeypatch.setattr(notes, "NOTES_OF_A_RUN_MAX", 1)
    write(run, {"text": "one"}, anns)

    assert write(run, {"text": "two"}, anns).status_code == 409


@pytest.mark.usefixtures("within_a_minute")
def test_notes_are_counted_for_each_token(run, anns):
    statuses = [write(run, {"text": "x"}, anns).status_code for _ in range(throttling.NOTES_PER_MINUTE + 1)]

    assert statuses == [201] * throttling.NOTES_PER_MINUTE + [429]


def test_notes_on_a_run_that_is_private_do_not_exist_for_others(browser, run, anns):
    write(run, {"text": "x"}, anns)
    Experiment.objects.update(visibility="private")

    assert ask(browser, "api-run-notes", run.pk).status_code == 404
    bobs = {"Authorization": f"Bearer {token_of(User.objects.create_user('bob'), 'tests')[1]}"}
    assert write(run, {"text": "y"}, bobs).status_code == 404
