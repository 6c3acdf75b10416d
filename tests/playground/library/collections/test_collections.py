"""Collections: an order and an introduction, what whom is shown, and that every removal can be undone."""

import pytest
from django.test import Client

from playground.accounts.models import Membership, Team, User
from playground.experiments.models import Visibility
from playground.library.collections import stored as collections
from playground.library.models import Collection
from tests.playground.library.search.documents import an_experiment

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def owner():
    return User.objects.create_user("owner")


@pytest.fixture
def signed_in(owner):
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def collection(owner):
    return Collection.objects.create(title="Ways to leak", owner=owner, visibility=Visibility.PUBLIC)


@pytest.fixture
def filled(collection):
    for number in (1, 2, 3):
        collections.put(collection, an_experiment(f"number {number}"))
    return collection


def shown(client, collection):
    return [item.experiment.title for item in client.get(collection.get_absolute_url()).context["items"]]


def arrange(client, collection, title, action):
    item = collection.items.get(experiment__title=title)
    return client.post(f"{collection.get_absolute_url()}/items/{item.pk}", {"action": action}, follow=True)


def test_a_person_makes_a_collection(signed_in, owner):
    form = {"title": " Ways to\nleak ", "introduction": "**Read** <script>x</script>", "sharing": "public"}

    answer = signed_in.post("/library/collections", form, follow=True)

    made = Collection.objects.get()
    assert (made.title, made.owner, made.visibility) == ("Ways to leak", owner, "public")
    assert "<strong>Read</strong>" in answer.text
    assert "<script>x" not in answer.text


def test_a_stranger_is_sent_to_sign_in(browser):
    answer = browser.post("/library/collections", {"title": "x", "sharing": "public"})

    assert "/accounts/login" in answer.headers["Location"]
    assert not Collection.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "The title is missing"),
        ("title", "x" * 121, "The title has 121 characters"),
        ("introduction", "x" * 20_001, "The introduction has 20,001 characters"),
        ("sharing", "team:someone-elses", "Choose who may see it"),
    ],
)
def test_a_form_that_needs_mending_says_what_and_stores_nothing(signed_in, field, value, sentence):
    answer = signed_in.post(
        "/library/collections", {"title": "x", "introduction": "", "sharing": "public"} | {field: value}
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Collection.objects.exists()


def test_an_experiment_is_put_last_by_its_address_or_a_runs(signed_in, collection):
    one, two = an_experiment("one"), an_experiment("two")
    run = two.revisions.get().runs.get()

    for address in (f"http://localhost/x/{one.pk}", f"https://elsewhere.example/r/{run.pk}?t=1-2#log"):
        signed_in.post(f"{collection.get_absolute_url()}/items", {"experiment": address, "remark": "why"})

    assert shown(signed_in, collection) == ["one", "two"]


@pytest.mark.parametrize("address", ["", "nothing", "/x/" + "a" * 22, "\x00", "x" * 10_000])
def test_an_address_of_nothing_is_said_to_be_one(signed_in, collection, address):
    answer = signed_in.post(f"{collection.get_absolute_url()}/items", {"experiment": address})

    assert answer.status_code == 422
    assert "No experiment that you may open has that address" in answer.text


def test_what_one_may_not_open_cannot_be_put_in(signed_in, collection):
    secret = an_experiment("secret", visibility=Visibility.PRIVATE)

    answer = signed_in.post(f"{collection.get_absolute_url()}/items", {"experiment": secret.pk})

    assert answer.status_code == 422
    assert not collection.items.exists()


def test_an_experiment_stands_in_a_collection_once(signed_in, filled):
    again = filled.items.first().experiment_id

    assert signed_in.post(f"{filled.get_absolute_url()}/items", {"experiment": again}).status_code == 409


@pytest.mark.parametrize(
    ("title", "action", "order"),
    [
        ("number 2", "up", "213"),
        ("number 2", "down", "132"),
        ("number 3", "first", "312"),
        ("number 1", "last", "231"),
        ("number 1", "up", "123"),
        ("number 3", "down", "123"),
        ("number 3", "sideways", "123"),
    ],
)
def test_items_are_moved_by_buttons(signed_in, filled, title, action, order):
    arrange(signed_in, filled, title, action)

    assert shown(signed_in, filled) == [f"number {number}" for number in order]


def test_what_was_taken_out_is_put_back_where_it_was(signed_in, filled):
    filled.items.filter(experiment__title="number 2").update(remark="the interesting one")

    answer = arrange(signed_in, filled, "number 2", "remove")
    removed = answer.context["removed"]
    assert [item.experiment.title for item in answer.context["items"]] == ["number 1", "number 3"]

    form = {"experiment": removed["experiment"].pk, "at": removed["position"], "remark": removed["remark"]}
    signed_in.post(f"{filled.get_absolute_url()}/items", form)

    assert shown(signed_in, filled) == ["number 1", "number 2", "number 3"]
    assert filled.items.get(experiment__title="number 2").remark == "the interesting one"


def test_a_deleted_collection_is_gone_for_others_and_can_be_brought_back(signed_in, browser, filled):
    address = filled.get_absolute_url()
    signed_in.post(f"{address}/delete")

    assert browser.get(address).status_code == 404
    assert signed_in.get(address).status_code == 410
    assert "Ways to leak" not in browser.get("/library/collections").text

    signed_in.post(f"{address}/restore")
    assert browser.get(address).status_code == 200


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_an_item_that_one_may_not_see_is_neither_shown_nor_counted(browser, filled):
    hidden = filled.items.get(experiment__title="number 2").experiment
    hidden.visibility = Visibility.PRIVATE
    hidden.save()

    assert shown(browser, filled) == ["number 1", "number 3"]
    answer = browser.get("/library/collections")
    assert answer.context["collections"] == [(filled, 2)]


def test_a_public_collection_makes_nothing_public(browser, collection):
    collections.put(collection, an_experiment("unlisted", visibility=Visibility.UNLISTED))
    assert shown(browser, collection) == []

    collection.visibility = Visibility.UNLISTED
    collection.save()
    assert shown(browser, collection) == ["unlisted"]


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.TEAM])
def test_a_collection_that_is_not_ones_own_does_not_exist(browser, collection, visibility):
    collection.visibility, collection.team = visibility, Team.objects.create(name="team")
    collection.save()

    assert browser.get(collection.get_absolute_url()).status_code == 404
    assert browser.get("/library/collections").context["collections"] == []


@pytest.mark.parametrize("where", ["/edit", "/delete", "/restore", "/items", "/items/1"])
def test_only_editors_change_a_collection(browser, filled, where):
    assert browser.post(filled.get_absolute_url() + where, {"action": "remove"}).status_code == 404
    assert filled.items.count() == 3


def test_a_teams_editor_changes_and_a_reader_reads(owner, collection):
    team = Team.objects.create(name="team")
    collection.visibility, collection.team = Visibility.TEAM, team
    collection.save()
    clients = {}
    for role in ("editor", "reader"):
        person = User.objects.create_user(role)
        Membership.objects.create(team=team, user=person, role=role)
        clients[role] = Client()
        clients[role].force_login(person)

    assert [clients[role].get(collection.get_absolute_url()).status_code for role in clients] == [200, 200]
    assert [clients[role].get(f"{collection.get_absolute_url()}/edit").status_code for role in clients] == [200, 404]


def test_a_collection_with_many_items_asks_few_questions(browser, collection, django_assert_max_num_queries):
    for number in range(12):
        collections.put(collection, an_experiment(f"number {number}"))

    with django_assert_max_num_queries(6):
        browser.get(collection.get_absolute_url())


def test_an_item_of_an_impossible_number_is_not_found(signed_in, filled):
    assert signed_in.post(f"{filled.get_absolute_url()}/items/{10**30}", {"action": "up"}).status_code == 404
