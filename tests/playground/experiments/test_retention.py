"""What nobody comes for is announced, removed, and remembered at its address."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from playground.experiments import retention, stored_json
from playground.experiments.models import Experiment, Run, Status, Visibility
from sandbox_runner.results.model import Verdict
from tests.playground import run_results
from tests.playground.people import experiment_of, person, team
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MADE = datetime(2026, 1, 1, 12, tzinfo=UTC)


def after(days, **more):
    """That many days after everything was made."""
    return time_machine.travel(MADE + timedelta(days=days, **more), tick=False)


def made(**fields):
    """An unlisted experiment that a browser made on the first of January and nobody opened since."""
    with after(0):
        experiment = experiment_of(browser_key="a-browser")
    Experiment.objects.filter(pk=experiment.pk).update(**({"title": "A cache of prices"} | fields))
    result = run_results.leak()
    Run.objects.filter(revision__experiment=experiment).update(
        status=Status.FINISHED, verdict=result.verdict, result_blob=stored_json.pack(result.to_json())
    )
    return Experiment.objects.get(pk=experiment.pk)


def run_of(experiment):
    return Run.objects.get(revision__experiment=experiment)


def page(thing):
    return Client().get(thing.get_absolute_url())


def pruned(days):
    with after(days):
        return retention.prune()


def test_what_nobody_opened_for_180_days_is_removed_and_leaves_a_stub():
    experiment = made()

    assert pruned(179) == 0
    assert pruned(181) == 1

    for thing in (experiment, run_of(experiment)):
        answer = page(thing)
        text = answer.content.decode()
        assert answer.status_code == 410
        assert "A cache of prices" in text
        assert "leak" in text
        assert "2026-01-01" in text
        assert "2026-07-01" in text
    assert run_of(experiment).result_blob is None
    assert run_of(experiment).revision.scenario_blob == b""


def test_it_is_removed_once():
    made()

    assert (pruned(181), pruned(182)) == (1, 0)


def test_a_visit_puts_the_removal_off():
    experiment = made()
    with after(179):
        assert page(experiment).status_code == 200

    assert pruned(181) == 0
    assert pruned(179 + 181) == 1


def test_opening_a_run_is_a_visit_too():
    experiment = made()
    with after(100):
        page(run_of(experiment))

    experiment.refresh_from_db()
    assert experiment.visited_at == MADE + timedelta(days=100)


def test_a_visit_is_noted_once_a_day():
    experiment = made()
    for days, hours in [(10, 0), (10, 23), (11, 1)]:
        with after(days, hours=hours):
            page(experiment)
            experiment.refresh_from_db()
            assert experiment.visited_at == MADE + timedelta(
                days=11 if days == 11 else 10, hours=hours if days == 11 else 0
            )


def test_a_second_visit_of_a_day_writes_nothing(django_assert_num_queries):
    experiment = made()
    with after(10):
        page(experiment)
        experiment.refresh_from_db()
        with django_assert_num_queries(0):
            retention.note_visit(experiment)


@pytest.mark.parametrize(("days", "said"), [(149, False), (151, True), (179, True)])
def test_the_page_says_that_the_removal_was_near(days, said):
    experiment = made()

    with after(days):
        text = page(run_of(experiment)).content.decode()

    assert ("would have been removed on 2026-06-30" in text) == said


def test_whoever_comes_reads_it_once():
    experiment = made()
    with after(160):
        page(experiment)
        assert "would have been removed" not in page(experiment).content.decode()


@pytest.mark.parametrize("kept", [{"visibility": Visibility.PUBLIC}, {"owner": True}, {"team": True}])
def test_what_is_listed_or_somebodys_stays(kept):
    who = person()
    values = {"owner": who, "team": team(owner=[who])}
    experiment = made(**{name: values.get(name, value) for name, value in kept.items()})

    assert pruned(4000) == 0
    with after(4000):
        assert "would have been removed" not in page(experiment).content.decode()


def test_the_times_are_settings(configure):
    configure(retention_days=7, retention_notice_days=2)
    experiment = made()

    with after(6):
        assert retention.notice(experiment).was_due == MADE + timedelta(days=7)
    assert pruned(8) == 1


def test_a_result_is_stored_compressed():
    result = run_results.leak().to_json()

    assert len(stored_json.pack(result)) < len(str(result)) / 2


def test_the_stub_of_a_clean_run_says_so():
    experiment = made()
    Run.objects.filter(revision__experiment=experiment).update(verdict=Verdict.CLEAN)
    pruned(181)

    assert "clean" in page(experiment).content.decode()


def test_what_was_removed_is_not_in_lists_nor_played_again():
    experiment = made()
    run = run_of(experiment)
    pruned(181)

    assert Client().get(f"/r/{run.id}.json").status_code in {404, 410}
    assert Client().post(f"/r/{run.id}/again").status_code in {404, 410}


def test_a_run_that_nobody_pruned_is_there():
    assert page(a_run()).status_code == 200
