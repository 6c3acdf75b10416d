"""A revision's packages: found out by its first run, the same ever since."""

import pytest

from playground.editor.to_scenario import scenario_of
from playground.experiments.dependency_locks import locks_of
from playground.experiments.models import Run, Status
from playground.runs import execution, submission
from playground.runs.execution import Worker
from sandbox_runner.scenario.reader import read_scenario
from tests.builders import scenario
from tests.installing import PYTHON, Installation, answers
from tests.package_index import package_index

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.namespace]

AWAY = 503


@pytest.fixture
def installation(request, tmp_path, monkeypatch):
    with package_index() as index:
        made = Installation("namespace", request, index, tmp_path / "packages", monkeypatch)
        yield made
        made.close()


def asked(requirements="greeting\n"):
    files = {"app.py": PYTHON, "requirements.txt": requirements}
    step = {"invoke": {"payload": "greeting"}}
    return scenario(step, files=files, dependencies="auto", timeout_s=10)


def played(run, installation):
    execution.execute(run.id, Worker("test-worker", installation.engine))
    return Run.objects.get(pk=run.pk)


def test_a_revision_plays_the_same_packages_when_the_index_has_newer_ones_and_when_it_is_away(installation):
    installation.index.add_wheel("greeting")
    first = played(submission.submit(asked()), installation)
    assert first.status == Status.FINISHED
    assert locks_of(first.revision) == {"holdover": first.result.dependencies[0].lock}

    installation.index.add_wheel("greeting", "2.0")
    installation.index.status = AWAY
    again = played(submission.play_again(first.revision), installation)
    assert answers(again.result) == ["1.0"]

    installation.index.status = None
    installation.forget_recent()
    updated = played(submission.renew_dependencies(first.revision), installation)
    assert answers(updated.result) == ["2.0"]
    assert answers(played(submission.play_again(first.revision), installation).result) == ["1.0"]


def test_what_cannot_be_installed_is_a_finished_run_with_its_sentence(installation):
    run = played(submission.submit(asked("no-such-package\n")), installation)
    assert run.status == Status.FINISHED
    assert run.verdict == "undetermined"
    assert "no package no-such-package" in run.verdict_sentence


def test_an_index_that_is_away_is_our_failure(installation):
    installation.index.status = AWAY
    run = played(submission.submit(asked()), installation)
    assert run.status == Status.FAILED
    assert "Try again later" in run.failure_sentence


def test_a_downloaded_scenario_plays_the_same(installation, client):
    installation.index.add_wheel("greeting")
    run = played(submission.submit(asked()), installation)
    installation.index.add_wheel("greeting", "2.0")
    text = client.get(f"/r/{run.id}/scenario.yaml").content.decode()
    assert answers(installation.engine.run(read_scenario(text))) == ["1.0"]


def test_the_page_shows_the_lock_and_offers_newer_packages(installation, client):
    installation.index.add_wheel("greeting")
    run = played(submission.submit(asked()), installation)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "greeting 1.0" in page
    assert "--hash=sha256:" in page
    assert f'action="/r/{run.id}/update-dependencies"' in page
    answer = client.post(f"/r/{run.id}/update-dependencies")
    renewed = Run.objects.exclude(pk=run.pk).get()
    assert answer.headers["Location"] == renewed.get_absolute_url()
    assert renewed.revision != run.revision


def test_a_missing_module_is_added_by_a_button(installation, client):
    files = {"app.py": "import greeting\n\ndef handler(event, context):\n    return 1\n"}
    run = played(submission.submit(scenario({"invoke": {}}, files=files)), installation)
    address = f"/?from={run.id}&amp;add=greeting"
    assert address in client.get(run.get_absolute_url()).content.decode()
    assert client.get(address.replace("&amp;", "&")).context["form_state"].dependencies == "greeting"


def test_the_nearest_versions_with_wheels_are_taken_by_a_button(installation, client):
    installation.index.add_sdist("greeting", "1.0")
    installation.index.add_wheel("greeting", "1.2")
    installation.index.add_wheel("greeting", "2.0")
    run = played(submission.submit(asked("greeting==1.0\n")), installation)
    address = f"/?from={run.id}&amp;add=greeting%3D%3D1.2"
    page = client.get(run.get_absolute_url()).content.decode()
    assert f'href="{address}">Take greeting 1.2</a>' in page

    form = client.get(address.replace("&amp;", "&")).context["form_state"]
    assert answers(installation.engine.run(scenario_of(form))) == ["1.2"]


def test_a_copied_database_without_the_packages_says_which_are_missing(installation, monkeypatch):
    installation.index.add_wheel("greeting")
    first = played(submission.submit(asked()), installation)
    installation.forget_all()
    installation.forget_recent()
    monkeypatch.setenv("HOLDOVER_PYPI_INDEX", "http://127.0.0.1:9/simple")

    again = played(submission.play_again(first.revision), installation)

    assert again.status == Status.FAILED
    assert "greeting 1.0" in again.failure_sentence
