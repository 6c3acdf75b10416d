"""Two runs compared: what differs, and who may see it."""

from __future__ import annotations

import re

import pytest

from playground.comparing.comparison import ANSWERS_MAX, PAIRS_MAX, compare
from playground.comparing.log_lines import log_diff
from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run, Status, Visibility
from playground.experiments.scenario_lines import VALUE_CHARACTERS_MAX, scenario_lines
from playground.runs import submission
from playground.text.diffs import Room
from playground.text.display_text import plain
from sandbox_runner.scenario.model import Scenario
from tests.playground.happenings import life
from tests.playground.hostile_results import hostile
from tests.playground.run_results import finding, invocation, leak, log_entry, pair, scenario, timed_out
from tests.playground.stored import a_run
from tests.told import said

FIXED = leak(
    scenario=scenario(files={"app.mjs": "export const handler = async () => 1;\n"}),
    verdict="clean",
    verdict_messages=said("Nothing of one request was seen in another."),
    findings=(),
    invocations=(invocation(1), invocation(2, response='{"statusCode":200,"body":"message=fuga"}', duration_ms=0.54)),
)


def shown(diff):
    return [(line.kind, plain(line.text)) for line in diff.lines if line.kind in ("removed", "added")]


# --- what differs -------------------------------------------------------------------------------------------------


def test_both_verdicts_are_there():
    page = compare(leak(), FIXED)

    assert (page.first.verdict.word, page.second.verdict.word) == ("LEAK", "CLEAN")
    assert not page.same_verdict


def test_a_stand_in_is_said_on_the_side_whose_run_it_played():
    backend = leak().backend.model_copy(update={"played_on": {"nodejs18.x": "nodejs20.x"}})
    page = compare(leak(backend=backend), leak())

    assert page.first.stand_ins == ("nodejs18.x is played on Node.js 20.",)
    assert page.second.stand_ins == ()


def test_a_finding_of_the_first_run_alone_is_gone():
    page = compare(leak(), FIXED)

    assert (len(page.gone), page.new, page.stayed) == (1, (), ())


def test_a_finding_of_the_second_run_alone_is_new():
    page = compare(FIXED, leak())

    assert (page.gone, len(page.new), page.stayed) == ((), 1, ())


def test_a_finding_is_the_same_by_the_fingerprint_of_a_pair_too():
    apart = leak(findings=(finding(fingerprint="a"), finding(fingerprint="b")))
    together = leak(findings=(finding(fingerprint="b", pairs=(pair(1, 3, fingerprint="a"),)),))
    compared = compare(apart, together)
    assert (compared.gone, compared.new, [row.also for row in compared.stayed]) == (
        (),
        (),
        [("first-finding-1", "first-finding-2")],
    )


def test_a_finding_is_the_same_by_its_fingerprint_whatever_it_says():
    one, other = finding(fingerprint="f", messages=said("one")), finding(fingerprint="f", messages=said("other"))

    page = compare(leak(findings=(one,)), leak(findings=(other,)))

    assert (page.gone, page.new, len(page.stayed)) == ((), (), 1)


def test_a_request_shows_both_answers_and_what_changed_in_them():
    row = compare(leak(), FIXED).pairs[1]

    assert (plain(row.first.answer), plain(row.second.answer)) == (
        '{"statusCode":200,"body":"warmstart, message=hoge"}',
        '{"statusCode":200,"body":"message=fuga"}',
    )
    assert shown(row.answers) == [
        ("removed", '  "body": "warmstart, message=hoge"'),
        ("added", '  "body": "message=fuga"'),
    ]
    assert (row.answer_differs, row.outcome_differs, row.faster_ms) == (True, False, "\u22120.50")


def test_a_request_that_is_alike_says_so():
    row = compare(leak(), FIXED).pairs[0]

    assert not row.differs
    assert row.answers is None


def test_an_outcome_that_changed_is_said():
    row = compare(leak(), timed_out()).pairs[1]

    assert row.outcome_differs
    assert (row.second.outcome, row.second.failed) == ("timed out", True)


def test_code_that_changed_is_shown_line_by_line():
    file = compare(leak(), FIXED).changes.files[0]

    assert plain(file.name) == "app.mjs"
    assert ("added", "export const handler = async () => 1;") in shown(file.diff)


def test_a_setting_and_a_step_that_changed_are_lines():
    other = scenario(timeout_s=5).model_copy(update={"steps": scenario().steps[:2]})

    assert shown(compare(leak(), leak(scenario=other)).changes.scenario) == [
        ("removed", "timeout_s: 3"),
        ("added", "timeout_s: 5"),
        ("removed", f"step 3: {scenario_lines(scenario())[-1].partition(': ')[2]}"),
    ]


def test_figures_of_different_sandboxes_are_not_called_comparable():
    namespace = leak(backend=leak().backend.model_copy(update={"name": "namespace"}))

    assert compare(leak(), leak()).same_backend
    assert not compare(leak(), namespace).same_backend


def test_both_timelines_have_one_axis():
    page = compare(leak(), timed_out())

    assert page.first.timeline.ticks == page.second.timeline.ticks


# --- the scenario as lines ----------------------------------------------------------------------------------------


def test_a_difference_behind_the_cut_of_a_long_payload_is_still_one():
    def ending(last):
        steps = [{"invoke": {"payload": "x" * VALUE_CHARACTERS_MAX + last}}]
        return Scenario.model_validate(scenario().model_dump(mode="json", by_alias=True) | {"steps": steps})

    one, other = scenario_lines(ending("a"))[-1], scenario_lines(ending("b"))[-1]

    assert one != other
    assert len(one) < VALUE_CHARACTERS_MAX + 80


def test_files_are_no_lines_of_the_scenario():
    assert not any("someGlobalValue" in line for line in scenario_lines(scenario()))


# --- the log ------------------------------------------------------------------------------------------------------


def test_request_ids_times_and_the_platforms_figures_count_as_alike():
    before = [
        log_entry("REPORT RequestId: 8f5c1c1e-0000-4000-8000-000000000001 Duration: 3.12 ms", source="platform"),
        log_entry("2026-07-01T00:00:00.000Z\t8f5c1c1e-0000-4000-8000-000000000001\tINFO\tfirst call"),
    ]
    after = [
        log_entry("REPORT RequestId: 8f5c1c1e-0000-4000-8000-000000000002 Duration: 4.12 ms", source="platform"),
        log_entry("2026-07-02T00:00:00.000Z\t8f5c1c1e-0000-4000-8000-000000000002\tINFO\tfirst call"),
    ]

    assert log_diff(before, after, Room()).is_empty


def test_a_figure_of_the_functions_own_is_a_difference():
    assert shown(log_diff([log_entry("count 1")], [log_entry("count 2")], Room())) == [
        ("removed", "env-1  count 1"),
        ("added", "env-1  count 2"),
    ]


# --- bounds -------------------------------------------------------------------------------------------------------


def test_many_requests_are_left_out_and_counted():
    many = tuple(invocation(at, response=f'"{at}"') for at in range(1, PAIRS_MAX + 6))
    others = tuple(one.model_copy(update={"response": "0"}) for one in many)

    page = compare(leak(invocations=many), leak(invocations=others))

    assert (len(page.pairs), page.pairs_left_out, page.pairs_that_differ) == (PAIRS_MAX, 5, PAIRS_MAX + 5)
    assert sum(row.answers is not None for row in page.pairs) == ANSWERS_MAX


# --- the page -----------------------------------------------------------------------------------------------------


def stored(result, **fields):
    run = a_run(status=Status.FINISHED, result_blob=stored_json.pack(result.to_json()))
    Experiment.objects.filter(pk=run.revision.experiment_id).update(**fields)
    return run


def address(first, second):
    return f"/compare/{first.id}..{second.id}"


@pytest.mark.django_db
def test_the_page_shows_both_runs(browser):
    first, second = stored(leak()), stored(FIXED)

    page = browser.get(address(first, second)).text

    assert "LEAK" in page
    assert "CLEAN" in page
    assert 'id="first-request-2"' in page
    assert 'href="#second-request-2"' in page
    assert f'href="/r/{first.id}#finding-1"' in page


@pytest.mark.django_db
def test_anchors_of_the_page_are_there_once_and_every_link_into_it_leads_somewhere(browser):
    page = browser.get(address(stored(leak()), stored(timed_out()))).text
    ids = re.findall(r'\bid="([^"]+)"', page)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


CROWD = leak(
    environments=tuple(
        life(("init", 1, 40, None), ("invoke", 41 + n, 45 + n, n), name=f"env-{n}") for n in range(1, PAIRS_MAX + 20)
    ),
    invocations=tuple(invocation(n, environment=f"env-{n}") for n in range(1, PAIRS_MAX + 20)),
)
PAIRS = {"a leak and its fix": (leak(), FIXED), "the same twice": (leak(), leak()), "a crowd": (CROWD, leak())}


@pytest.mark.django_db
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())
def test_every_link_within_the_page_leads_somewhere(browser, pair):
    text = browser.get(address(*map(stored, pair))).text

    there = set(re.findall(r' id="([^"]+)"', text))
    assert set(re.findall(r' href="#([^"]+)"', text)) <= there


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", [0, 1])
def test_both_runs_have_to_be_ones_that_the_visitor_may_open(browser, hidden):
    runs = [stored(leak()), stored(FIXED)]
    Experiment.objects.filter(pk=runs[hidden].revision.experiment_id).update(visibility=Visibility.PRIVATE)

    assert browser.get(address(*runs)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a..", "..b", "nothing..nothing", "a...b", "a/b..c", f"{'x' * 300}..y"])
def test_an_address_that_names_no_two_runs_is_none(browser, name):
    assert browser.get(f"/compare/{name}").status_code == 404


@pytest.mark.django_db
def test_a_run_without_a_result_says_so(browser):
    waiting = a_run()

    answer = browser.get(address(stored(leak()), waiting))

    assert answer.status_code == 404
    assert f"Run {waiting.id} is queued and has no result to compare." in answer.text


@pytest.mark.django_db
def test_hostile_texts_are_text(browser):
    page = browser.get(address(stored(hostile()), stored(hostile(5)))).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.django_db
def test_it_is_a_bounded_number_of_queries(browser, django_assert_max_num_queries):
    first, second = stored(leak()), stored(FIXED)
    # The first visit of a day is noted.
    browser.get(address(first, second))

    with django_assert_max_num_queries(4):
        browser.get(address(first, second))


def edited_copy(of, result):
    """A finished run of an edited copy of what ``of`` played, in an experiment of its own."""
    run = submission.submit(FIXED.scenario, parent=of.revision)
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, result_blob=stored_json.pack(result.to_json()))
    return Run.objects.get(pk=run.pk)


@pytest.mark.django_db
def test_a_run_of_an_edited_copy_offers_the_comparison_with_its_original(browser):
    first = stored(leak())
    second = edited_copy(first, FIXED)

    page = browser.get(second.get_absolute_url()).text

    assert f'href="{address(first, second)}"' in page
    assert "Before and after the change" in browser.get(address(first, second)).text
    assert "Two runs compared" in browser.get(address(second, first)).text


@pytest.mark.django_db
def test_an_original_that_the_visitor_may_not_open_is_not_offered(browser):
    first = stored(leak(), visibility=Visibility.PRIVATE)
    second = edited_copy(first, FIXED)
    Experiment.objects.filter(pk=second.revision.experiment_id).update(visibility=Visibility.UNLISTED)

    assert "/compare/" not in browser.get(second.get_absolute_url()).text


@pytest.mark.django_db
def test_another_run_of_the_experiment_is_offered(browser):
    first = stored(leak())
    second = submission.play_again(first.revision)
    Run.objects.filter(pk=second.pk).update(status=Status.FINISHED, result_blob=first.result_blob)

    assert f'href="/compare/{second.id}..{first.id}"' in browser.get(first.get_absolute_url()).text


@pytest.mark.django_db
def test_a_range_of_time_holds_for_both_timelines(browser):
    page = browser.get(address(stored(leak()), stored(timed_out())), {"t": "0-50"}).context["page"]

    assert {mark.kind for side in (page.first, page.second) for mark in side.timeline.lanes[0].marks} == {
        "init",
        "invoke",
        "frozen",
    }
