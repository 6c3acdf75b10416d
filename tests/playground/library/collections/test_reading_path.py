"""A collection read in order: what comes before and next on the pages of its experiments and runs."""

import re

import pytest
from django.test import Client

from playground.accounts.models import User
from playground.experiments.models import Visibility
from playground.experiments.viewer import STRANGER
from playground.library.collections import stored as collections
from playground.library.models import Collection
from tests.playground.library.search.documents import an_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return User.objects.create_user("owner")


@pytest.fixture
def collection(owner):
    found = Collection.objects.create(title="Ways to leak", owner=owner, visibility=Visibility.PUBLIC)
    for name in ("one", "two", "three"):
        collections.put(found, an_experiment(name), remark=f"why {name}")
    return found


def experiment(collection, title):
    return collection.items.get(experiment__title=title).experiment


def hide(collection, title):
    found = experiment(collection, title)
    found.visibility = Visibility.PRIVATE
    found.save()
    return found


def way(answer):
    """What the page says of its place: the position, and where the links before and after lead."""
    nav = re.search(r'<nav class="reading-path".*?</nav>', answer.text, re.DOTALL)
    if nav is None:
        return None
    position = re.search(r"(\d+) of (\d+)", nav[0])
    links = {rel: re.search(rf'rel="{rel}"[^>]*href="([^"]+)"', nav[0]) for rel in ("prev", "next")}
    return position.groups(), {rel: found[1] for rel, found in links.items() if found}


def test_a_collections_links_lead_into_its_order(browser, collection):
    page = browser.get(collection.get_absolute_url()).text
    two = experiment(collection, "two")

    assert f'href="/x/{two.pk}?in={collection.pk}"' in page
    assert f'href="/r/{two.search_document.run_id}?in={collection.pk}"' in page


@pytest.mark.parametrize(
    ("title", "position", "beside"),
    [
        ("one", "1", {"next": "two"}),
        ("two", "2", {"prev": "one", "next": "three"}),
        ("three", "3", {"prev": "two"}),
    ],
)
def test_an_experiment_says_its_place_and_what_is_beside_it(browser, collection, title, position, beside):
    here = experiment(collection, title)

    found = way(browser.get(f"/x/{here.pk}?in={collection.pk}"))

    wanted = {rel: f"/x/{experiment(collection, one).pk}?in={collection.pk}" for rel, one in beside.items()}
    assert found == ((position, "3"), wanted)


def test_from_a_run_the_way_leads_to_runs_and_the_remark_is_read(browser, collection):
    two, three = experiment(collection, "two"), experiment(collection, "three")

    answer = browser.get(f"/r/{two.search_document.run_id}?in={collection.pk}")

    assert way(answer)[1]["next"] == f"/r/{three.search_document.run_id}?in={collection.pk}"
    assert "why two" in answer.text
    assert f'href="/x/{two.pk}?in={collection.pk}"' in answer.text


def test_what_one_may_not_see_is_no_step_and_is_not_counted(browser, collection):
    hide(collection, "two")
    one, three = experiment(collection, "one"), experiment(collection, "three")

    answer = browser.get(f"/x/{one.pk}?in={collection.pk}")

    assert way(answer) == (("1", "2"), {"next": f"/x/{three.pk}?in={collection.pk}"})
    assert "why two" not in answer.text


@pytest.mark.parametrize("key", ["", "x" * 22, "\x00", "x" * 5000])
def test_an_address_of_no_collection_is_a_page_without_a_way(browser, collection, key):
    answer = browser.get(f"/x/{experiment(collection, 'one').pk}", {"in": key})

    assert (answer.status_code, way(answer)) == (200, None)


def test_a_collection_that_does_not_have_it_is_no_way(browser, collection):
    other = an_experiment("elsewhere")

    assert way(browser.get(f"/x/{other.pk}?in={collection.pk}")) is None


@pytest.mark.parametrize(
    ("visibility", "learns"),
    [
        (Visibility.PUBLIC, {"by its address", "in lists"}),
        (Visibility.UNLISTED, {"by its address"}),
        (Visibility.TEAM, set()),
        (Visibility.PRIVATE, set()),
    ],
)
def test_a_stranger_learns_of_a_collection_by_its_visibility(browser, owner, collection, visibility, learns):
    Collection.objects.filter(pk=collection.pk).update(visibility=visibility)
    run = experiment(collection, "one").search_document.run_id
    owners = Client()
    owners.force_login(owner)

    assert (way(browser.get(f"/r/{run}?in={collection.pk}")) is not None) == ("by its address" in learns)
    assert ("Ways to leak" in browser.get(f"/r/{run}").text) == ("in lists" in learns)
    assert way(owners.get(f"/r/{run}?in={collection.pk}")) is not None


def test_a_deleted_collection_is_no_way(browser, collection):
    run = experiment(collection, "one").search_document.run_id
    collections.delete(collection, STRANGER)

    answer = browser.get(f"/r/{run}?in={collection.pk}")

    assert way(answer) is None
    assert "Ways to leak" not in answer.text


def test_the_way_is_read_in_japanese(collection):
    page = Client(headers={"Accept-Language": "ja"}).get(f"/x/{experiment(collection, 'two').pk}?in={collection.pk}")

    assert "3 件中 2 件目" in page.text
