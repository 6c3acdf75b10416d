"""Whatever is exported of a run whose runtime is not here says which one played it."""

import pytest

from playground.editor.scenario_yaml import scenario_yaml
from playground.embeds.card import card
from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.exports.regression import node_test_file, pytest_file
from playground.exports.single_file import run_file
from playground.exports.trace import trace_file
from playground.run_page import presenter
from sandbox_runner.scenario.reader import read_scenario
from tests.playground.run_results import leak, scenario

SENTENCE = "nodejs26.x is played on Node.js 24."
ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")


def result():
    ours = leak()
    asked = scenario(runtime="nodejs26.x")
    backend = ours.backend.model_copy(update={"played_on": dict(asked.stand_ins)})
    return ours.model_copy(update={"backend": backend, "scenario": asked})


@pytest.mark.parametrize("export", [issue_markdown, trace_file, pytest_file, node_test_file])
def test_a_file_for_others_says_so(export):
    assert SENTENCE in export(result(), ORIGIN)
    assert "is played on" not in export(leak(), ORIGIN)


@pytest.mark.django_db
def test_the_pages_copy_says_so():
    assert f'<p class="note">{SENTENCE}</p>' in run_file(result(), ORIGIN)


def test_the_page_and_the_picture_say_so():
    assert presenter.run_page(result()).notes == (SENTENCE,)
    assert card(result()).runtime == SENTENCE.rstrip(".")


def test_a_page_says_so_while_the_run_goes_on():
    assert presenter.live_page(scenario(runtime="nodejs26.x"), (), "queued").notes == (SENTENCE,)


def test_the_scenarios_file_says_so_and_is_read_back():
    text = scenario_yaml(scenario(runtime="nodejs26.x"))
    assert text.startswith(f"# {SENTENCE}\n")
    assert read_scenario(text) == scenario(runtime="nodejs26.x")
