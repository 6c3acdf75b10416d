"""Feeds of collections and teams: what stands in them, for whom, and for how long their keys open them."""

from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import Membership
from playground.experiments.models import Visibility
from playground.library.collections import stored as collections
from playground.library.feeds import keys
from playground.library.models import Collection, FeedKey
from playground.teams import teams
from tests.playground.library.search.documents import an_experiment
from tests.playground.people import person, signed_in, team

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("within_a_minute")]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def owner():
    return person("owner")


@pytest.fixture
def collection(owner):
    found = Collection.objects.create(title="Ways to leak", owner=owner, visibility=Visibility.PUBLIC)
    for name in ("one", "two"):
        collections.put(found, an_experiment(name), remark=f"why {name}")
    return found


@pytest.fixture
def platform(owner):
    found = team("Platform", owner=[owner], reader=[person("reader")])
    an_experiment("Cart", visibility=Visibility.TEAM, team=found, owner=owner)
    return found


def feed(client, address):
    answer = client.get(address)
    return ET.fromstring(answer.content) if answer.status_code == 200 else answer.status_code


def titles(found):
    return found if isinstance(found, int) else [one.findtext(f"{ATOM}title") for one in found.iter(f"{ATOM}entry")]


def key_of(client, subject):
    """The address that the page gives for a feed with a key."""
    return client.post(reverse("feeds"), {"of": keys.name_of(subject), "action": "make"}).context["made"]


def share(collection, visibility, of_team=None):
    collection.visibility, collection.team = visibility, of_team
    collection.save()


# --- what stands in it ------------------------------------------------------------------------------------------------


def test_a_collections_feed_has_what_was_put_in_last_first(browser, collection):
    answer = browser.get(reverse("collection-feed", args=[collection.pk]))

    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = ET.fromstring(answer.content)
    entry = found.find(f"{ATOM}entry")
    two = collection.items.get(experiment__title="two").experiment
    assert titles(found) == ["two", "one"]
    assert found.findtext(f"{ATOM}title") == "Ways to leak · Holdover"
    assert entry.find(f"{ATOM}link").get("href") == f"http://testserver/x/{two.pk}"
    assert entry.findtext(f"{ATOM}summary").startswith("why two")
    assert entry.find(f"{ATOM}category").get("term") == "leak"


def test_a_collections_page_names_its_feed(browser, collection):
    address = reverse("collection-feed", args=[collection.pk])

    assert f'type="application/atom+xml" href="{address}"' in browser.get(collection.get_absolute_url()).text


def test_an_empty_collection_has_an_empty_feed(browser, owner):
    empty = Collection.objects.create(title="Empty", owner=owner, visibility=Visibility.PUBLIC)

    assert titles(feed(browser, reverse("collection-feed", args=[empty.pk]))) == []


def test_hostile_words_are_text_in_a_feed(browser, owner):
    hostile = "<script>\u202e\x08\ufffe</script>&"
    found = Collection.objects.create(title=hostile, owner=owner, visibility=Visibility.PUBLIC)
    collections.put(found, an_experiment(hostile), remark=hostile)

    answer = browser.get(reverse("collection-feed", args=[found.pk]))

    assert ET.fromstring(answer.content) is not None
    assert "<script>" not in answer.text
    assert "\u202e" not in answer.text


def test_a_teams_feed_has_what_is_shared_with_it(owner, platform):
    an_experiment("not the team's")

    assert titles(feed(Client(), key_of(signed_in(owner), platform))) == ["Cart"]


def test_a_feed_is_in_the_readers_language(owner, platform):
    page = Client(headers={"Accept-Language": "ja"}).get(key_of(signed_in(owner), platform)).text

    assert "チームで共有されたもの" in page


def test_a_feed_asks_as_few_questions_for_many(browser, collection, django_assert_max_num_queries):
    for number in range(6):
        collections.put(collection, an_experiment(f"number {number}"))

    with django_assert_max_num_queries(4):
        browser.get(reverse("collection-feed", args=[collection.pk]))


# --- for whom ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "reads"),
    [
        (Visibility.PUBLIC, {"stranger", "reader", "owner"}),
        (Visibility.UNLISTED, {"stranger", "reader", "owner"}),
        (Visibility.TEAM, {"reader", "owner"}),
        (Visibility.PRIVATE, {"owner"}),
    ],
)
def test_a_collections_feed_is_read_by_whoever_may_open_it(owner, platform, collection, visibility, reads):
    share(collection, visibility, platform)
    clients = {"stranger": Client(), "owner": signed_in(owner)}
    clients["reader"] = signed_in(platform.members.get(username="reader"))

    found = {who: feed(client, reverse("collection-feed", args=[collection.pk])) for who, client in clients.items()}

    assert {who for who, one in found.items() if one != 404} == reads


def test_a_key_opens_what_its_person_may_open_and_shows_what_they_may_see(owner, collection):
    share(collection, Visibility.PRIVATE)
    address = key_of(signed_in(owner), collection)
    mine, others = an_experiment("mine", visibility=Visibility.PRIVATE, owner=owner), an_experiment("another's")
    collections.put(collection, mine)
    collections.put(collection, others)
    others.visibility = Visibility.PRIVATE
    others.save()

    assert titles(feed(Client(), address)) == ["mine", "two", "one"]


def test_nobody_makes_a_key_to_what_they_may_not_open(owner, platform, collection):
    share(collection, Visibility.PRIVATE)
    stranger = signed_in(person("stranger"))

    for subject in (collection, platform):
        sent = {"of": keys.name_of(subject), "action": "make"}
        assert stranger.post(reverse("feeds"), sent).status_code == 422
        assert "/accounts/login" in Client().post(reverse("feeds"), sent).headers["Location"]
        assert subject.pk not in stranger.get(f"{reverse('feeds')}?of={keys.name_of(subject)}").text.split("<main")[1]
    assert not FeedKey.objects.exists()


# --- for how long -----------------------------------------------------------------------------------------------------


def test_a_renewed_address_ends_the_one_before(owner, platform):
    client = signed_in(owner)
    first, second = key_of(client, platform), key_of(client, platform)

    assert (titles(feed(Client(), first)), titles(feed(Client(), second))) == (404, ["Cart"])
    assert FeedKey.objects.count() == 1


def test_a_withdrawn_address_is_none(owner, platform):
    client = signed_in(owner)
    address = key_of(client, platform)

    answer = client.post(reverse("feeds"), {"of": keys.name_of(platform), "action": "withdraw"}, follow=True)

    assert "Nobody can read the feed by that address any more" in answer.text
    assert titles(feed(Client(), address)) == 404


def test_one_person_does_not_withdraw_anothers(owner, platform):
    address = key_of(signed_in(owner), platform)
    reader = signed_in(platform.members.get(username="reader"))

    assert reader.post(reverse("feeds"), {"of": keys.name_of(platform), "action": "withdraw"}).status_code == 404
    assert titles(feed(Client(), address)) == ["Cart"]


def leaves(platform, reader):
    teams.remove(platform, reader.pk, reader)


def is_deleted(platform, reader):
    teams.delete(platform, reader)


def is_inactive(platform, reader):
    reader.is_active = False
    reader.save()


@pytest.mark.parametrize("what_happens", [leaves, is_deleted, is_inactive])
def test_a_key_ends_with_its_persons_right(platform, what_happens):
    reader = platform.members.get(username="reader")
    address = key_of(signed_in(reader), platform)
    assert titles(feed(Client(), address)) == ["Cart"]

    what_happens(platform, reader)

    assert titles(feed(Client(), address)) == 404


def test_what_becomes_private_is_no_longer_in_a_teams_feed(owner, platform):
    reader = platform.members.get(username="reader")
    address = key_of(signed_in(reader), platform)
    platform.experiments.update(visibility=Visibility.PRIVATE)

    assert titles(feed(Client(), address)) == []


def test_a_key_can_be_withdrawn_after_its_right_has_ended(platform):
    reader = platform.members.get(username="reader")
    key_of(signed_in(reader), platform)
    Membership.objects.filter(user=reader).delete()

    signed_in(reader).post(reverse("feeds"), {"of": keys.name_of(platform), "action": "withdraw"})

    assert not FeedKey.objects.exists()


def test_no_more_keys_are_made_than_may_be(owner, platform, collection, monkeypatch):
    monkeypatch.setattr(keys, "KEYS_MAX", 1)
    client = signed_in(owner)
    address = key_of(client, platform)

    answer = client.post(reverse("feeds"), {"of": keys.name_of(collection), "action": "make"})

    assert answer.status_code == 409
    assert titles(feed(Client(), address)) == ["Cart"]
    assert key_of(client, platform) != address


@pytest.mark.parametrize("secret", ["x", "x" * 43])
def test_a_secret_that_is_none_opens_nothing(secret):
    assert titles(feed(Client(), reverse("feed", args=[secret]))) == 404


def test_the_page_of_keys_says_what_one_is_for(owner, platform):
    client = signed_in(owner)
    assert "You have no feed with a key" in client.get(reverse("feeds")).text

    asked = client.get(f"{reverse('feeds')}?of={keys.name_of(platform)}").text
    key_of(client, platform)

    assert "Create an address" in asked
    assert "Renew the address" in client.get(reverse("feeds")).text
