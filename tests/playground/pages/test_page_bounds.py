"""No page costs more than a page may, whatever was stored."""

import time

import pytest
from django.test import Client

from playground.experiments import revision_rows, revision_summaries
from playground.experiments.models import RevisionSummary, Run, Status
from playground.experiments.stored_json import pack
from playground.experiments.viewer import Viewer
from playground.run_page import code, log
from playground.run_page.presenter import run_page
from playground.run_page.verdict import PlaceView
from playground.runs import submission
from tests.builders import scenario
from tests.playground.run_results import leak, log_entry
from tests.playground.run_results import scenario as run_scenario

pytestmark = pytest.mark.django_db

BY = Viewer(browser_key="me")


def crafted(unique):
    """49 files that a trial found to be the dearest to compare: 300 KB, and no line in common that occurs once."""
    middle = "".join(f"c{at % 50}\n{unique}{at}\n" for at in range(748))
    return {f"f{number}.py": f"first {unique}\n{middle}last {unique}\n" for number in range(48)} | {"app.py": unique}


@pytest.fixture
def revised():
    """Two runs of an experiment whose second revision has everything different."""
    first = submission.submit(scenario(files=crafted("u")), by=BY)
    second = submission.submit(scenario(files=crafted("v")), by=BY, parent=first.revision)
    return first, second


def seconds(address):
    """Seconds of processor that the cheapest of three GETs of an address takes, and what it answers."""
    client, took_s = Client(), []
    for _ in range(3):
        began_s = time.process_time()
        answer = client.get(address)
        took_s.append(time.process_time() - began_s)
    return min(took_s), answer


@pytest.mark.alone
def test_pages_of_an_experiment_with_crafted_revisions_are_cheap(revised):
    experiment = revised[0].revision.experiment
    for address in (experiment.get_absolute_url(), f"{experiment.get_absolute_url()}/revisions/2"):
        took_s, answer = seconds(address)

        assert answer.status_code == 200
        assert "more lines are left out here" in answer.text
        assert len(answer.content) < 1_500_000
        assert took_s < 0.5


@pytest.mark.alone
def test_a_comparison_of_crafted_runs_is_cheap(revised):
    for run in revised:
        result = leak(scenario=run.revision.scenario)
        Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, result_blob=pack(result.to_json()), verdict="leak")

    took_s, answer = seconds(f"/compare/{revised[0].pk}..{revised[1].pk}")

    assert answer.status_code == 200
    assert "There is more here than a page compares line by line." in answer.text
    assert len(answer.content) < 1_500_000
    assert took_s < 0.5


def test_what_changed_is_found_out_once(revised, monkeypatch):
    experiment = revised[0].revision.experiment
    before = Client().get(experiment.get_absolute_url()).context["rows"][0].changes
    assert RevisionSummary.objects.filter(revision__experiment=experiment).count() == 2

    monkeypatch.delattr(revision_rows.revision_summaries, "changes")
    after = Client().get(experiment.get_absolute_url()).context["rows"][0].changes

    assert after == before


def test_revisions_from_before_summaries_get_theirs_one_at_a_time(revised):
    experiment = revised[0].revision.experiment
    RevisionSummary.objects.all().delete()
    revisions = experiment.revisions.order_by("-number")

    counts = []
    for _ in range(3):
        answer = Client().get(experiment.get_absolute_url())
        counts.append((answer.status_code, RevisionSummary.objects.count()))

    assert counts == [(200, 1), (200, 2), (200, 2)]
    assert [revision_summaries.kept(revision).runtimes for revision in revisions] == [("python3.13",)] * 2


def test_code_that_is_longer_than_a_page_is_cut_and_its_marked_lines_are_shown():
    files = {"app.mjs": "let kept\n" * (code.LINES_MAX + 10), "b.mjs": "\n" * 100}
    result = leak(scenario=run_scenario(files=files))
    marked = {source.line for finding in result.findings for source in finding.sources}

    first, second = run_page(result).files

    assert (len(first.lines), first.left_out) == (code.LINES_MAX, 10)
    assert (second.lines, second.left_out) == ((), 100)
    assert marked <= {line.number for line in first.lines}


def test_a_marked_line_below_the_cut_is_shown():
    (shown,) = code.code_files({"a.py": "x\n" * (code.LINES_MAX + 100)}, (), _place("a.py", code.LINES_MAX + 50))

    assert (shown.lines[-1].number, shown.left_out) == (code.LINES_MAX + 50, 99)


def _place(file, line):
    return PlaceView("fails", "anchor", file, line, "failed")


def test_a_log_that_is_longer_than_a_page_is_cut_and_that_is_said():
    result = leak(log=tuple(log_entry(f"line {number}", 1) for number in range(log.LINES_MAX + 5)))

    page = run_page(result)

    assert (sum(len(group.lines) for group in page.log), page.log_left_out) == (log.LINES_MAX, 5)


@pytest.mark.parametrize("text", ["\u202e" * 20_000, "x" * 60_000])
def test_lines_full_of_signs_that_hide_do_not_make_a_page_larger(text):
    page = run_page(leak(log=tuple(log_entry(text, 1) for _ in range(100))))

    shown = [line for group in page.log for line in group.lines]
    assert len(shown) + page.log_left_out == 100
    assert sum(len(piece.text) for line in shown for piece in line.text) <= log.MARKUP_MAX
