"""The same scenario on another runtime: what is offered, what is played, and what it is compared with."""

import pytest

from playground.editor.other_runtimes import on_runtime, other_runtimes
from playground.experiments import selectors, stored_json
from playground.experiments.models import Run, Status
from playground.experiments.viewer import STRANGER
from playground.runs import submission
from sandbox_runner.runtimes import registry
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke, scenario
from tests.playground import run_results
from tests.playground.stored import a_run

# One that Lambda takes for years to come.
STAND_IN = ("python3.15", registry.runtime_of("python3.15"))


def all_but(runtime):
    """The other runtimes of its language here."""
    language = registry.runtime_of(runtime).language
    own = [each.identifier for each in registry.RUNTIMES if each.language is language]
    return tuple(each for each in own if each != runtime)


def two_functions(first, second):
    functions = {"one": a_function(runtime=first), "two": a_function(runtime=second)}
    step = {"invoke": {"payload": 1, "function": "one"}}
    return Scenario.model_validate({"version": 2, "functions": functions, "steps": [step]})


def test_the_other_runtimes_of_its_language_are_offered():
    assert other_runtimes(scenario(invoke(), runtime="python3.13")) == all_but("python3.13")
    assert {"python3.11", "python3.14"} <= set(all_but("python3.13"))
    assert "nodejs22.x" not in other_runtimes(scenario(invoke(), runtime="nodejs22.x"))


def test_what_stands_in_for_a_runtime_already_is_not_offered():
    asked, stand_in = STAND_IN
    assert other_runtimes(scenario(invoke(), runtime=asked)) == all_but(stand_in.identifier)


def test_functions_of_several_languages_have_no_runtime_in_common():
    assert other_runtimes(two_functions("python3.13", "nodejs22.x")) == ()


def test_every_function_moves_and_nothing_else_changes():
    before = two_functions("python3.13", "python3.11")
    after = on_runtime(before, "python3.14")
    assert after.runtimes == ("python3.14",)
    assert on_runtime(scenario(invoke()), "python3.11").steps == scenario(invoke()).steps
    assert {name: each.files for name, each in after.functions.items()} == {
        name: each.files for name, each in before.functions.items()
    }


def test_another_language_is_none_of_them():
    with pytest.raises(KeyError):
        on_runtime(scenario(invoke()), "nodejs22.x")


@pytest.fixture
def finished(db):
    result = run_results.leak().to_json()
    run = a_run(invoke(), status=Status.FINISHED, result_blob=stored_json.pack(result), verdict="leak")
    return Run.objects.get(pk=run.pk)


@pytest.mark.django_db
def test_a_finished_runs_page_offers_it(client, finished):
    page = client.get(finished.get_absolute_url()).content.decode()
    assert f'action="/r/{finished.pk}/on"' in page
    assert 'name="runtime" value="python3.14"' in page


@pytest.mark.django_db
def test_it_is_a_run_of_a_copy_that_is_compared_with_the_original(client, finished):
    answer = client.post(f"/r/{finished.pk}/on", {"runtime": "python3.14"})
    run = Run.objects.exclude(pk=finished.pk).get()
    assert (answer.status_code, answer["Location"]) == (302, run.get_absolute_url())
    assert run.revision.scenario.runtimes == ("python3.14",)
    assert selectors.original_of(run, STRANGER) == finished


@pytest.mark.django_db
@pytest.mark.parametrize("runtime", ["", "nodejs22.x", "cobol85.x", "python3.13"])
def test_what_cannot_play_it_is_refused(client, finished, runtime):
    assert client.post(f"/r/{finished.pk}/on", {"runtime": runtime}).status_code == 404
    assert Run.objects.count() == 1


@pytest.mark.django_db
def test_a_kept_run_opens_after_lambda_refused_its_runtime_and_is_played_on_a_stand_in(client):
    run = submission.submit(scenario(invoke(), runtime="python2.7"))
    page = client.get(run.get_absolute_url())
    assert page.status_code == 200
    assert "python2.7 is played on Python 3.11." in page.content.decode()
    assert client.post(f"/r/{run.pk}/again").status_code == 302
