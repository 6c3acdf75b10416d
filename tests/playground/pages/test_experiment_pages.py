"""The pages of experiments: words, revisions, forks, and what their holder may do."""

import pytest
from django.test import Client
from django.urls import reverse

from playground.experiments import hard_delete
from playground.experiments.models import Experiment, Run, Visibility
from playground.experiments.viewer import Viewer, viewer_for
from playground.library.models import Note
from playground.runs import submission
from playground.text.display_text import plain
from tests.builders import invoke, scenario
from tests.playground.people import at_browser, experiment_of, person, signed_in, team
from tests.playground.stored import a_run, ago
from tests.told import stored as stored_messages

pytestmark = pytest.mark.django_db

WORDS = {"title": "Warm start leak", "description": "It *leaks*.", "tags": "node, cache", "sharing": "unlisted"}


def edit(client, experiment, **varied):
    return client.post(reverse("experiment-edit", args=[experiment.id]), WORDS | varied)


def page(client, experiment):
    return client.get(experiment.get_absolute_url())


# --- words ----------------------------------------------------------------------------------------------------------


def test_what_its_maker_writes_is_on_the_page():
    ada = person()
    experiment = experiment_of(ada)

    answer = edit(signed_in(ada), experiment)

    shown = page(Client(), experiment)
    assert answer.status_code == 302
    assert "Warm start leak" in shown.text
    assert "<em>leaks</em>" in shown.text
    assert [tag.name for tag in shown.context["tags"]] == ["cache", "node"]


def test_the_browser_that_made_it_may_describe_it_without_an_account():
    experiment = experiment_of(browser_key="mine")

    assert edit(at_browser("mine"), experiment).status_code == 302
    assert edit(at_browser("other"), experiment).status_code == 404
    assert "This browser made it" in page(at_browser("mine"), experiment).text


BAD_WORDS = {
    "a title that is too long": ({"title": "x" * 121}, "title", "The title has 121 characters; it may have 120."),
    "10 MB of description": ({"description": "x" * 10_485_760}, "description", "has 10,485,760 characters"),
    "a tag that is none": ({"tags": "ok, <script>"}, "tags", "The tag “<script>” is none"),
    "too many tags": ({"tags": ",".join(f"t{n}" for n in range(11))}, "tags", "There are 11 tags"),
    "a team of others": ({"sharing": "team:x"}, "sharing", "Choose who may open it"),
    "no choice": ({"sharing": ""}, "sharing", "Choose who may open it"),
}


@pytest.mark.parametrize(("varied", "field", "words"), BAD_WORDS.values(), ids=BAD_WORDS.keys())
def test_bad_words_are_refused_at_their_field_and_what_was_typed_is_kept(varied, field, words):
    ada = person()
    experiment = experiment_of(ada)

    answer = edit(signed_in(ada), experiment, **varied)

    assert answer.status_code == 422
    assert words in answer.context["details"].errors[field]
    assert getattr(answer.context["details"], field) == varied[field]
    assert Experiment.objects.get(pk=experiment.pk).title == ""


def test_nothing_in_a_title_runs_hides_or_turns_the_page_around():
    ada = person()
    experiment = experiment_of(ada)
    hostile = "<script>alert(1)</script>\u202egpj.exe\u200b\x00\x1b[31m"

    edit(signed_in(ada), experiment, title=hostile)

    stored = Experiment.objects.get(pk=experiment.pk)
    assert stored.title == "<script>alert(1)</script>gpj.exe[31m"
    assert "<script>alert(1)" not in page(Client(), experiment).text


def test_a_title_that_came_in_another_way_is_shown_without_deceit():
    experiment = experiment_of(title="ab\u202ecd")

    assert experiment.shown_title == "abU+202Ecd"
    assert "\u202e" not in page(Client(), experiment).text


def test_a_null_in_a_description_does_not_reach_the_database():
    ada = person()
    experiment = experiment_of(ada)

    assert edit(signed_in(ada), experiment, description="a\x00b").status_code == 302
    assert Experiment.objects.get(pk=experiment.pk).description == "ab"


# --- revisions ------------------------------------------------------------------------------------------------------


def test_a_revision_says_what_changed_since_the_one_before():
    run = a_run(browser_key="me")
    changed = scenario(invoke({"now": 1}), files={"app.py": "count = 7\n"})
    submission.submit(changed, by=Viewer(browser_key="me"), parent=run.revision)

    shown = page(Client(), run.revision.experiment)

    newest, first = shown.context["rows"]
    assert [file.what for file in newest.changes.files] == ["changed"]
    assert newest.changes.scenario.removed > 0
    assert not any("def handler" in plain(line.text) for line in newest.changes.scenario.lines)
    assert first.changes is None
    assert "What changed since revision 1" in shown.text


def test_a_revision_has_a_page_with_its_code():
    run = a_run()

    shown = Client().get(reverse("revision", args=[run.revision.experiment_id, 1]))

    assert "global count" in shown.text
    assert Client().get(reverse("revision", args=[run.revision.experiment_id, 2])).status_code == 404
    assert Client().get(f"/x/{run.revision.experiment_id}/revisions/{'9' * 40}").status_code == 404


def test_an_experiment_of_many_revisions_is_shown_in_parts(django_assert_num_queries):
    run = a_run(browser_key="me")
    for number in range(25):
        submission.submit(scenario(invoke(number)), by=Viewer(browser_key="me"), parent=run.revision)
    address = run.revision.experiment.get_absolute_url()

    Client().get(address)  # the day's first visit is noted
    with django_assert_num_queries(4):
        newest = Client().get(address)
    oldest = Client().get(address, {"below": newest.context["older"]})

    assert [row.revision.number for row in newest.context["rows"]] == list(range(26, 6, -1))
    assert [row.revision.number for row in oldest.context["rows"]] == list(range(6, 0, -1))
    assert oldest.context["older"] is None


def test_a_part_that_does_not_exist_is_empty_and_no_failure():
    address = a_run().revision.experiment.get_absolute_url()

    assert [Client().get(address, {"below": text}).status_code for text in ("0", "-1", "x", "9" * 50, "٣")] == [200] * 5


# --- forks ----------------------------------------------------------------------------------------------------------


def fork(source, by):
    return submission.submit(scenario(invoke("other")), by=by, parent=source.revisions.get()).revision.experiment


def test_an_edited_copy_of_somebody_elses_is_a_fork_that_names_its_source():
    ada, bob = person("ada"), person("bob")
    source = experiment_of(ada, title="The leak")

    copy = fork(source, viewer_for(bob))

    shown = page(Client(), copy)
    assert (copy.owner, copy.title) == (bob, "The leak")
    assert "Forked from" in shown.text
    assert "revision 1" in shown.text
    assert "by ada" in shown.text


def test_a_fork_does_not_name_a_source_that_its_reader_may_not_open():
    ada = person("ada")
    source = experiment_of(ada, title="The secret")
    copy = fork(source, Viewer(browser_key="other"))
    Experiment.objects.filter(pk=copy.pk).update(title="Mine")
    Experiment.objects.filter(pk=source.pk).update(visibility=Visibility.PRIVATE)

    assert "Forked from" not in page(Client(), copy).text
    assert "The secret" in page(signed_in(ada), copy).text


def test_what_a_reader_forks_in_a_team_stays_in_the_team():
    ada, bob = person("ada"), person("bob")
    platform = team(owner=[ada], reader=[bob])
    source = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)

    copy = fork(source, viewer_for(bob))

    assert (copy.visibility, copy.team, copy.owner) == (Visibility.TEAM, platform, bob)


# --- who may change it ----------------------------------------------------------------------------------------------


def test_a_teams_editors_may_describe_it_and_its_readers_may_not():
    ada, eve, rob = person("ada"), person("eve"), person("rob")
    platform = team(owner=[ada], editor=[eve], reader=[rob])
    experiment = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)
    within = {"sharing": f"team:{platform.pk}"}

    assert edit(signed_in(eve), experiment, **within).status_code == 302
    assert edit(signed_in(rob), experiment, **within).status_code == 404
    assert "edit a copy to go on" in page(signed_in(rob), experiment).text


def test_an_editor_cannot_take_it_from_its_team():
    ada, eve = person("ada"), person("eve")
    platform, other = team(owner=[ada], editor=[eve]), team("Other", owner=[eve])
    experiment = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)

    for choice in ("private", f"team:{other.pk}"):
        assert edit(signed_in(eve), experiment, sharing=choice).status_code == 422


def test_what_is_private_is_out_of_its_team():
    ada, eve = person("ada"), person("eve")
    platform = team(owner=[ada], editor=[eve])
    experiment = experiment_of(ada, visibility=Visibility.TEAM, of_team=platform)

    edit(signed_in(ada), experiment, sharing="private")

    assert page(signed_in(ada), experiment).status_code == 200
    assert page(signed_in(eve), experiment).status_code == 404


# --- claiming -------------------------------------------------------------------------------------------------------


def claiming(user, key):
    client = at_browser(key)
    client.force_login(user)
    return client


def test_whoever_signs_in_may_claim_what_their_browser_made():
    ada = person()
    experiment = experiment_of(browser_key="mine")

    answer = claiming(ada, "mine").post(reverse("experiment-claim", args=[experiment.id]))

    experiment.refresh_from_db()
    assert (answer.status_code, experiment.owner) == (302, ada)
    assert Run.objects.get().owner == ada
    assert edit(at_browser("mine"), experiment).status_code == 404


def test_my_runs_offers_to_claim_all_of_them():
    ada = person()
    for _ in range(2):
        experiment_of(browser_key="mine")
    client = claiming(ada, "mine")

    assert "This browser made 2 experiments" in client.get("/mine").text
    client.post(reverse("claim"))

    assert Experiment.objects.filter(owner=ada).count() == 2
    assert "This browser made" not in client.get("/mine").text


def test_a_forged_claim_does_not_find_anything():
    ada = person()
    of_others = [experiment_of(browser_key="theirs"), experiment_of(person("bob"), browser_key="mine"), experiment_of()]

    answers = [claiming(ada, "mine").post(reverse("experiment-claim", args=[one.id])) for one in of_others]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert not Experiment.objects.filter(owner=ada).exists()


def test_a_claim_without_a_person_leads_to_the_sign_in():
    experiment = experiment_of(browser_key="mine")

    answer = at_browser("mine").post(reverse("experiment-claim", args=[experiment.id]))

    assert answer.headers["Location"].startswith(reverse("account_login"))


# --- deleting -------------------------------------------------------------------------------------------------------


def delete(client, experiment):
    return client.post(reverse("experiment-delete", args=[experiment.id]))


def restore(client, experiment):
    return client.post(reverse("experiment-restore", args=[experiment.id]))


def test_what_is_deleted_is_gone_for_everybody_and_can_be_brought_back():
    ada = person()
    experiment = experiment_of(ada, title="The leak")
    run = Run.objects.get()

    delete(signed_in(ada), experiment)

    for address in (experiment.get_absolute_url(), run.get_absolute_url()):
        stub = Client().get(address)
        assert (stub.status_code, "The leak" in stub.text, "1 run." in stub.text) == (410, False, True)
        assert reverse("experiment-restore", args=[experiment.id]) not in stub.text
    assert "Bring it back" in page(signed_in(ada), experiment).text
    assert restore(signed_in(ada), experiment).status_code == 302
    assert page(Client(), experiment).status_code == 200


def test_nobody_else_deletes_it_or_brings_it_back():
    ada, bob = person("ada"), person("bob")
    experiment = experiment_of(ada)

    assert delete(signed_in(bob), experiment).status_code == 404
    delete(signed_in(ada), experiment)
    assert restore(signed_in(bob), experiment).status_code == 404
    assert restore(Client(), experiment).status_code == 404


def test_the_stub_of_something_private_is_there_for_its_maker_only():
    ada = person()
    experiment = experiment_of(ada, visibility=Visibility.PRIVATE)
    delete(signed_in(ada), experiment)

    assert page(Client(), experiment).status_code == 404
    assert page(signed_in(ada), experiment).status_code == 410


def test_after_the_time_of_grace_nothing_is_left_but_that_it_was_there():
    ada = person()
    experiment = experiment_of(ada, title="The leak", description="secret", deleted_at=ago(25 * 3600))
    run = Run.objects.get()
    Run.objects.update(
        result_blob=b"x", events_blob=b"x", verdict_messages=stored_messages("secret"), status="finished"
    )
    Note.objects.create(run=run, text="secret")

    assert hard_delete.purge_deleted() == 1

    experiment.refresh_from_db()
    run.refresh_from_db()
    assert (experiment.title, experiment.description, run.verdict_sentence) == ("", "", "")
    assert (run.result_blob, run.events_blob, bytes(run.revision.scenario_blob)) == (None, None, b"")
    assert run.revision.sha256 == run.revision.id
    assert not Note.objects.exists()
    assert page(Client(), experiment).status_code == 410
    assert restore(signed_in(ada), experiment).status_code == 404
    assert hard_delete.purge_deleted() == 0


def test_within_the_time_of_grace_nothing_is_purged():
    experiment_of(deleted_at=ago(23 * 3600))

    assert hard_delete.purge_deleted() == 0


def test_a_copy_of_something_deleted_cannot_be_begun():
    experiment = experiment_of(deleted_at=ago(1))

    assert Client().get("/", {"from": experiment.revisions.get().id}).status_code == 404


# --- what others keep of it -----------------------------------------------------------------------------------------

KEPT = {
    Visibility.PUBLIC: (None, False),
    Visibility.UNLISTED: ("noindex, nofollow", False),
    Visibility.TEAM: ("noindex, nofollow", True),
    Visibility.PRIVATE: ("noindex, nofollow", True),
}


@pytest.mark.parametrize(("visibility", "expected"), KEPT.items(), ids=KEPT.keys())
def test_caches_and_search_engines_keep_only_what_is_public(visibility, expected):
    ada = person()
    experiment = experiment_of(ada, visibility=visibility)
    run = Run.objects.get()
    client = signed_in(ada)
    for address in (experiment.get_absolute_url(), run.get_absolute_url(), reverse("run-scenario", args=[run.id])):
        answer = client.get(address)
        assert answer.headers.get("X-Robots-Tag") == expected[0]
        assert ("private" in answer.headers.get("Cache-Control", "") or not expected[1]) is True
        assert ("no-store" in answer.headers.get("Cache-Control", "") or not expected[1]) is True
