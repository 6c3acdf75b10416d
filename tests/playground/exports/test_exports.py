"""The doors of the exports."""

import json
import re

import pytest

import playground
from playground.experiments import stored_json
from playground.experiments.models import Experiment, Run, Status, Visibility
from playground.exports.origin import Origin
from playground.exports.single_file import run_file, styles
from playground.exports.views import FORMATS
from tests.architecture.project import text
from tests.playground.exports.trace_format import check
from tests.playground.hostile_results import hostile
from tests.playground.run_results import leak
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db
ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")


def stored(result, **fields):
    """A finished run with that result."""
    run = a_run(status=Status.FINISHED, result_blob=stored_json.pack(result.to_json()))
    Experiment.objects.filter(pk=run.revision.experiment_id).update(**fields)
    return run


def exported(browser, run, kind):
    return browser.get(f"/r/{run.id}/export/{kind}")


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_an_attachment_with_a_safe_name(browser, kind):
    answer = exported(browser, stored(leak()), kind)

    assert answer.status_code == 200
    assert re.fullmatch(
        r'attachment; filename="(test_)?holdover[-_][A-Za-z0-9_-]{22}[a-z.]+"', answer.headers["Content-Disposition"]
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_result_as_json_is_an_attachment_too(browser):
    run = stored(leak())

    answer = browser.get(f"/r/{run.id}.json")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run.id}.json"'


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_takes_hostile_texts_and_huge_ones(browser, kind):
    assert exported(browser, stored(hostile(30)), kind).status_code == 200


@pytest.mark.parametrize("kind", FORMATS)
def test_a_run_without_a_result_says_so(browser, kind):
    answer = exported(browser, a_run(), kind)

    assert answer.status_code == 404
    assert "has no result to export" in answer.text


@pytest.mark.parametrize("kind", FORMATS)
def test_what_its_visitor_may_not_open_does_not_exist(browser, kind):
    run = stored(leak(), visibility=Visibility.PRIVATE)

    assert exported(browser, run, kind).status_code == 404


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_one_query_once_the_visit_of_the_day_is_noted(browser, kind, django_assert_max_num_queries):
    run = stored(leak())
    exported(browser, run, kind)

    with django_assert_max_num_queries(1):
        exported(browser, run, kind)


def test_the_runs_page_links_to_each_format(browser):
    run = stored(leak())

    page = browser.get(run.get_absolute_url()).text

    assert all(f'href="/r/{run.id}/export/{kind}"' in page for kind in FORMATS)


def test_a_python_file_has_the_name_of_a_module(browser):
    run = stored(leak())
    Run.objects.filter(pk=run.pk).update(id="a-b-c_d")
    Run.objects.filter(pk=run.pk).delete()

    answer = browser.get("/r/a-b-c_d/export/test.py")

    assert 'filename="test_holdover_a_b_c_d.py"' in answer.headers["Content-Disposition"]


def test_the_trace_is_as_the_format_says(browser):
    check(json.loads(exported(browser, stored(leak()), "trace.json").text))


def test_the_version_is_that_of_the_package():
    assert f'version = "{playground.VERSION}"' in text("pyproject.toml")


# --- a range of time ------------------------------------------------------------------------------------------------


def test_an_address_may_say_which_stretch_of_the_run_is_shown(browser):
    run = stored(leak())

    page = browser.get(run.get_absolute_url(), {"t": "5049-5052"})

    assert [mark.kind for mark in page.context["page"].timeline.lanes[0].marks] == ["frozen", "invoke", "frozen"]
    assert 'value="5049-5052"' in page.text


def test_a_range_that_is_none_is_said_and_the_whole_run_shown(browser):
    page = browser.get(stored(leak()).get_absolute_url(), {"t": "<script>"})

    assert page.status_code == 200
    assert page.context["page"].timeline.window.is_whole
    assert "The range &#x27;&lt;script&gt;&#x27; is none; write it as t=43.9-51.44" in page.text


# --- one file -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [pytest.param(leak(), id="a leak"), pytest.param(hostile(3), id="hostile texts")])
def test_the_single_file_asks_nobody_for_anything(result):
    page = run_file(result, ORIGIN)

    assert not re.search(r"<(script|link|img|iframe|form|button|object|embed|base)\b", page)
    unquoted = re.sub(r'"[^"]*"', '""', re.sub(r">[^<]*<", "><", page))
    assert not re.search(r"\s(src|srcset|action|on[a-z]+)=", unquoted)
    assert "default-src 'none'" in page


def test_every_link_of_the_single_file_is_absolute_or_inside_of_it():
    page = run_file(leak(), ORIGIN)
    targets = set(re.findall(r'href="([^"]+)"', page))
    inside = {target[1:] for target in targets if target.startswith("#")}

    assert all(target.startswith("https://holdover.example/") for target in targets - {f"#{name}" for name in inside})
    assert inside <= set(re.findall(r'\bid="([^"]+)"', page))


def test_hostile_text_ends_no_element_of_the_single_file():
    page = run_file(hostile(), ORIGIN)

    assert page.count("<style>") == page.count("</style>") == 1
    assert "alert(1)" in page
    assert "<script" not in page


def test_our_styles_end_no_element_and_load_nothing():
    assert "<" not in styles()
    assert "url(" not in styles()
    assert "@import" not in styles()


def test_only_the_page_has_what_a_server_does(browser):
    run = stored(leak())
    page, file = browser.get(run.get_absolute_url()).text, exported(browser, run, "page.html").text
    for part in ('id="next"', "data-range", 'href="#export"', 'href="/fidelity"'):
        assert part in page
        assert part not in file


def test_the_single_file_shows_what_the_page_shows(browser):
    run = stored(leak())
    page, file = browser.get(run.get_absolute_url()).text, exported(browser, run, "page.html").text
    # What only a server can answer is not in the file.
    of_the_server = (
        r' class="in-view"',
        r'<div class="zoom".*?</button>\s*</div>\s*',
        r'<div class="log-tools".*?</div>(?=</div>)',
        r'<form class="range".*?</form>\n',
        r' · <a href="\?t=[^<]*</a>',
        r'<a class="pin".*?</a>',
    )
    page = re.sub("|".join(of_the_server), "", page, flags=re.DOTALL)
    page, file = " ".join(page.split()), " ".join(file.split())

    for part in ('id="verdict"', 'id="timeline"', 'id="requests"', 'id="state"', 'id="log"', 'id="code"'):
        section = re.search(rf"<section[^>]*{part}.*?</section>", page, re.DOTALL)[0]
        assert section in file


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "page.html"])
def test_what_trackers_and_programs_read_is_in_english_whoever_asks(browser, kind):
    run = stored(leak())
    asked_in = [browser.get(f"/r/{run.id}/export/{kind}", headers={"accept-language": code}) for code in ("en", "ja")]

    assert asked_in[0].content == asked_in[1].content
