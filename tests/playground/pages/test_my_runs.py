"""What somebody has run, with names: found again, renamed, deleted and brought back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from playground.experiments.models import Experiment, Run, Status
from playground.gallery.catalogue import incident
from playground.runs import submission
from tests.playground.people import at_browser, experiment_of
from tests.told import stored as stored_messages

pytestmark = pytest.mark.django_db


def a_verdict(experiment, verdict, sentence=""):
    run = Run.objects.get(revision__experiment=experiment)
    told = stored_messages(sentence) if sentence else ""
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, verdict=verdict, verdict_messages=told)
    return run


@pytest.fixture
def two():
    leaky = experiment_of(browser_key="mine", title="Cards of strangers")
    quiet = experiment_of(browser_key="mine")
    a_verdict(leaky, "leak")
    a_verdict(quiet, "clean", "Nothing was held over. All is well.")
    return leaky, quiet


def titles(**asked):
    return [one.title for one in at_browser("mine").get("/mine", asked).context["mine"].rows]


def test_a_run_is_called_what_its_experiment_is_or_what_its_verdict_says(two):
    unnamed, named = titles()
    assert named == "Cards of strangers"
    assert unnamed == "Nothing was held over"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "CARDS"}, ["Cards of strangers"]),
        ({"q": "cards nothing"}, []),
        ({"verdict": "leak"}, ["Cards of strangers"]),
        ({"verdict": "leak", "runtime": "none"}, []),
    ],
)
def test_runs_are_found_again_by_words_verdict_and_runtime(two, asked, found):
    assert titles(**asked) == found


def test_a_filter_offers_what_there_is(two):
    mine = at_browser("mine").get("/mine").context["mine"]
    assert mine.verdicts == ("clean", "leak")
    assert mine.runtimes == tuple({runtime for one in mine.rows for runtime in one.runtimes})
    assert mine.runtimes


def test_a_run_is_renamed_where_it_is_listed_and_only_by_its_maker(two):
    address = reverse("experiment-name", args=[two[1].id])
    assert at_browser("other").post(address, {"title": "Mine now"}).status_code == 404
    assert at_browser("mine").post(address, {"title": " A quiet\none "}).url == "/mine"
    assert Experiment.objects.get(pk=two[1].id).title == "A quiet one"


def test_what_is_deleted_in_the_list_is_brought_back_from_it(two):
    leaky = two[0]
    browser = at_browser("mine")
    after = browser.post(reverse("experiment-delete", args=[leaky.id]), {"listed": "yes"}, follow=True)
    assert "Deleted: Cards of strangers." in after.text
    assert "Cards of strangers" not in titles()
    assert browser.post(reverse("experiment-restore", args=[leaky.id]), {"listed": "yes"}).url == "/mine"
    assert "Cards of strangers" in titles()


def test_whoever_may_name_a_run_is_asked_for_a_title_until_it_has_one():
    experiment = experiment_of(browser_key="mine")
    run = a_verdict(experiment, "clean", "Nothing was held over. All is well.")
    browser, address = at_browser("mine"), run.get_absolute_url()
    proposed = browser.get(address).context["proposed_title"]
    assert proposed
    assert not at_browser("other").get(address).context["proposed_title"]

    named = browser.post(
        reverse("experiment-name", args=[experiment.id]), {"title": proposed, "shown_on": run.id}, follow=True
    )
    assert named.redirect_chain == [(address, 302)]
    assert named.context["title"] == proposed
    assert not named.context["proposed_title"]


def test_a_run_of_the_gallery_keeps_its_story():
    leak = incident("node-module-variable")
    run = submission.submit(leak.scenario)
    page = at_browser("mine").get(run.get_absolute_url(), headers={"Accept-Language": "ja"})
    assert page.context["title"] == leak.told_in("ja").title
    assert leak.told_in("ja").summary in page.text
    fixed = submission.submit(leak.fixed_scenario)
    assert leak.title in at_browser("mine").get(fixed.get_absolute_url()).context["title"]
