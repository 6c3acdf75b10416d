"""Reports of visitors, taking down and putting back, and the admin of staff."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from playground.experiments.models import Experiment, Run, Visibility
from playground.experiments.viewer import viewer_for
from playground.moderation.models import Report
from playground.runs import worker_registry
from playground.runs.worker_registry import Condition
from tests.playground.people import experiment_of, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LISTED = {"visibility": Visibility.PUBLIC, "title": "Prices of tenant-a"}


@pytest.fixture
def staff():
    return signed_in(person("grace", is_staff=True, is_superuser=True))


def report(experiment, client=None, **form):
    return (client or Client()).post(reverse("report", args=[experiment.id]), {"reason": "secret", "words": ""} | form)


def act(staff, action, *chosen):
    """What staff does with the chosen rows of a list in the admin."""
    kind = "report" if isinstance(chosen[0], Report) else "experiment"
    app = "operating" if kind == "report" else "experiments"
    data = {"action": action, "_selected_action": [one.pk for one in chosen]}
    return staff.post(reverse(f"admin:{app}_{kind}_changelist"), data, follow=True)


def run_of(experiment):
    return Run.objects.get(revision__experiment=experiment)


# --- reports ------------------------------------------------------------------------------------------------------


def test_a_visitor_reports_a_page_in_their_own_words():
    experiment = experiment_of(**LISTED)

    answer = report(experiment, words="The key on line 3 is ours.")

    assert "Your report was stored" in answer.content.decode()
    stored = Report.objects.get()
    assert (stored.experiment, stored.reason, stored.words) == (experiment, "secret", "The key on line 3 is ours.")


def test_every_page_of_an_experiment_leads_to_the_form():
    experiment = experiment_of(**LISTED)

    for thing in (experiment, run_of(experiment)):
        assert reverse("report", args=[experiment.id]) in Client().get(thing.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"reason": ""}, "Choose what is wrong with the page."),
        ({"reason": "boredom"}, "Choose one of the reasons that are offered."),
        ({"words": "x" * 2001}, "Say it in at most 2000 characters; these are 2001."),
    ],
)
def test_a_report_that_cannot_be_stored_says_why_and_keeps_what_was_typed(form, sentence):
    answer = report(experiment_of(**LISTED), **({"words": "my words"} | form))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert form.get("words", "my words") in answer.content.decode()
    assert not Report.objects.exists()


def test_a_null_in_a_report_does_not_reach_the_database():
    assert report(experiment_of(**LISTED), words="a\x00b").status_code in {200, 422}


@pytest.mark.usefixtures("within_a_minute")
def test_a_client_that_reports_more_than_five_times_a_minute_is_refused():
    experiment = experiment_of(**LISTED)

    answers = [report(experiment).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]
    assert Report.objects.count() == 5


def test_what_a_visitor_may_not_open_cannot_be_reported():
    experiment = experiment_of(person(), visibility=Visibility.PRIVATE)

    assert report(experiment).status_code == 404
    assert Client().get(reverse("report", args=[experiment.id])).status_code == 404


# --- taking down --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "status", "why"),
    [
        ("take_down_for_rules", 410, "because it broke the rules of this site"),
        ("take_down_for_law", 451, "because the law demanded it"),
    ],
)
def test_what_is_taken_down_says_so_in_a_sentence_and_shows_nothing(staff, action, status, why):
    experiment = experiment_of(**LISTED)
    run = run_of(experiment)
    act(staff, action, experiment)

    for thing in (experiment, run):
        answer = Client().get(thing.get_absolute_url())
        assert answer.status_code == status
        assert why in answer.content.decode()
        assert experiment.title not in answer.content.decode()


def test_what_is_taken_down_is_away_from_every_address_for_its_maker_too(staff):
    owner = person()
    experiment = experiment_of(owner, **LISTED)
    run = run_of(experiment)
    act(staff, "take_down_for_rules", experiment)

    for client in (Client(), signed_in(owner)):
        for address in (f"/r/{run.id}.json", f"/r/{run.id}/scenario.yaml", f"/api/v1/runs/{run.id}"):
            answer = client.get(address)
            assert answer.status_code in {404, 410, 451}, address
        assert experiment.title not in client.get("/mine").content.decode()
        assert not Experiment.objects.listed_for(viewer_for(owner)).filter(pk=experiment.pk).exists()


def test_a_private_thing_that_was_taken_down_is_not_told_to_strangers(staff):
    owner = person()
    experiment = experiment_of(owner, visibility=Visibility.PRIVATE)
    act(staff, "take_down_for_law", experiment)

    assert Client().get(experiment.get_absolute_url()).status_code == 404
    assert signed_in(owner).get(experiment.get_absolute_url()).status_code == 451


def test_staff_puts_it_back(staff):
    experiment = experiment_of(**LISTED)
    act(staff, "take_down_for_rules", experiment)
    act(staff, "put_back", experiment)

    assert Client().get(experiment.get_absolute_url()).status_code == 200


def test_both_are_in_the_audit_with_who_and_why(staff):
    experiment = experiment_of(**LISTED)
    act(staff, "take_down_for_law", experiment)
    act(staff, "put_back", experiment)

    said = [(entry.user.username, entry.change_message) for entry in LogEntry.objects.order_by("pk")]
    assert said == [("grace", "Taken down: law."), ("grace", "Put back.")]


def test_doing_it_twice_changes_and_notes_nothing_more(staff):
    experiment = experiment_of(**LISTED)
    act(staff, "take_down_for_law", experiment)
    page = act(staff, "take_down_for_rules", experiment)

    assert "0 experiments were changed" in page.content.decode()
    assert Client().get(experiment.get_absolute_url()).status_code == 451
    assert LogEntry.objects.count() == 1


def test_a_reported_page_is_taken_down_from_its_report(staff):
    experiment = experiment_of(**LISTED)
    report(experiment)
    report(experiment)
    act(staff, "take_down_for_rules", *Report.objects.all())

    assert Client().get(experiment.get_absolute_url()).status_code == 410
    assert {one.handled_by.username for one in Report.objects.all()} == {"grace"}


def test_a_report_with_nothing_to_it_is_dismissed(staff):
    experiment = experiment_of(**LISTED)
    report(experiment)
    act(staff, "dismiss", Report.objects.get())

    assert Report.objects.get().handled_at
    assert Client().get(experiment.get_absolute_url()).status_code == 200


# --- the admin ----------------------------------------------------------------------------------------------------

LISTS = [
    "experiments_experiment", "experiments_run", "operating_report", "accounts_team", "accounts_user",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_staff_sees_each_list_and_each_row(staff, name):
    experiment = experiment_of(person(), **LISTED)
    report(experiment)

    address = reverse(f"admin:{name}_changelist")
    assert staff.get(address, {"q": "a"}).status_code == 200
    found = staff.get(address).context["cl"].result_list
    for one in list(found)[:1]:
        assert staff.get(reverse(f"admin:{name}_change", args=[one.pk])).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_nobody_else_sees_any(name):
    address = reverse(f"admin:{name}_changelist")

    for client in (Client(), signed_in(person("mallory"))):
        assert client.get(address).status_code == 302


def test_the_admin_shows_no_code_and_no_payload(staff):
    run = run_of(experiment_of(**LISTED))

    page = staff.get(reverse("admin:experiments_run_change", args=[run.pk])).content.decode()

    assert "blob" not in page


def test_staff_writes_into_no_experiment_and_no_run(staff):
    experiment = experiment_of(**LISTED)

    answer = staff.post(reverse("admin:experiments_experiment_change", args=[experiment.pk]), {"title": "Changed"})

    assert answer.status_code == 403
    assert staff.get(reverse("admin:experiments_run_add")).status_code == 403
    assert staff.post(reverse("admin:experiments_experiment_delete", args=[experiment.pk])).status_code == 403


def the_admin(staff):
    return " ".join(staff.get(reverse("admin:index")).content.decode().split())


def test_staff_sees_each_worker_and_what_its_engine_met(staff):
    worker_registry.register("here/a", "docker", "", Condition("no Docker engine answers: nothing listens", 3.0, 1.0))
    worker_registry.register("here/b", "docker", "", Condition())

    page = the_admin(staff)

    assert "<td>here/a</td>" in page
    assert "<strong>Takes no runs:</strong> no Docker engine answers: nothing listens (asked" in page
    assert "answers (asked" in page
    assert "none yet" in page


def test_staff_sees_that_no_worker_is_there(staff):
    assert "No worker is there; runs wait until one is." in the_admin(staff)


def test_staff_is_told_that_the_broker_is_away(staff, broker_away):
    assert "The broker, which knows the workers, does not answer." in the_admin(staff)
