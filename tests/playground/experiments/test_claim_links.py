"""Taking what a program made without a token."""

import pytest
from django.test import Client

from playground.experiments.models import Experiment, Run
from tests.builders import invoke, scenario
from tests.playground.api.test_api import post
from tests.playground.people import at_browser, person, signed_in, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def told(browser):
    """What a program without a token is answered."""
    return post(browser, {"scenario": scenario().to_json()}).json()


def test_the_browser_that_opens_the_link_may_change_the_experiment_from_then_on(told):
    browser, experiment = Client(), Experiment.objects.get()
    assert "so it is nobody" in browser.get(told["claim_url"]).text
    assert browser.get(f"/x/{experiment.pk}/edit").status_code == 404

    browser.post(told["claim_url"])

    assert browser.get(f"/x/{experiment.pk}/edit").status_code == 200
    assert told["id"] in browser.get("/mine").text
    assert Client().get(f"/x/{experiment.pk}/edit").status_code == 404


def test_a_person_who_opens_the_link_owns_the_experiment_and_its_run(told):
    ada = person("ada")

    signed_in(ada).post(told["claim_url"])

    assert (Experiment.objects.get().owner, Run.objects.get().owner) == (ada, ada)


def test_looking_at_the_link_changes_nothing(told):
    Client().get(told["claim_url"])

    assert (Experiment.objects.get().owner, Experiment.objects.get().browser_key) == (None, "")


def test_the_link_works_once(told):
    signed_in(person("ada")).post(told["claim_url"])

    late = signed_in(person("bob")).post(told["claim_url"], follow=True)

    assert "This experiment has been taken already." in late.text
    assert Experiment.objects.get().owner.username == "ada"


def test_no_link_of_one_experiment_opens_another(told, browser):
    other = post(browser, {"scenario": scenario(invoke(1)).to_json()}).json()
    mine, others = (one["claim_url"].split("/") for one in (told, other))
    forged = "/".join([*mine[:-1], others[-1]])

    assert [Client().get(forged).status_code, Client().post(forged).status_code] == [404, 404]
    assert not Experiment.objects.exclude(browser_key="").exists()


def test_a_deleted_experiment_cannot_be_taken(told):
    at_browser("mine").post(told["claim_url"])
    at_browser("mine").post(f"/x/{Experiment.objects.get().pk}/delete")

    assert Client().post(told["claim_url"]).status_code == 404


def test_a_copy_made_without_a_token_is_a_new_experiment_to_take(told, browser):
    copy = post(browser, {"scenario": scenario(invoke(1)).to_json(), "parent": told["id"]}).json()

    signed_in(person("ada")).post(copy["claim_url"])

    assert [one.owner and one.owner.username for one in Experiment.objects.order_by("created_at")] == [None, "ada"]


def test_whoever_only_plays_it_again_or_looks_is_told_no_link(told, browser):
    again = browser.post(f"/api/v1/revisions/{Run.objects.get().revision_id}/runs", content_type="application/json")

    assert (again.status_code, "claim_url" in again.json()) == (202, False)
    assert "claim_url" not in browser.get(told["api_url"]).json()


def test_what_a_person_makes_by_a_token_needs_no_link(browser):
    secret = token_of(person("ada"), "ci")[1]

    assert "claim_url" not in post(browser, {"scenario": scenario().to_json()}, secret).json()
