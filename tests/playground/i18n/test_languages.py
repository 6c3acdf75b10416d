"""The pages speak English and Japanese: every word is marked, translated, and chosen by the visitor."""

import html
import itertools
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from playground.experiments import stored_json
from playground.i18n.catalogues import CATALOGUES, compiled, marked, stored
from playground.i18n.marking import Words
from playground.run_page.verdict import known
from sandbox_runner.messages import render, render_all
from sandbox_runner.messages.codes import CHECK, CONDITION, FAILURE, FINDING, VERDICT
from sandbox_runner.results.model import Check, Evidence, Observation
from tests.playground import run_results
from tests.playground.stored import a_run
from tests.told import sample

PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
TAGS = re.compile(r"</?[a-z]+|href=\"[^\"]*\"")


def messages(catalogue):
    return {(one.context, texts(one.id)[0]): one for one in catalogue if one.id}


def texts(value):
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parents[1].name)
def path(request):
    return request.param


def test_every_language_of_the_settings_has_its_catalogue():
    assert {path.parents[1].name for path in CATALOGUES} == {code for code, _ in settings.LANGUAGES} - {"en"}


def test_what_is_marked_is_in_the_catalogue_and_nothing_else(path):
    assert set(messages(stored(path))) == set(messages(marked())), "run scripts/messages update"
    assert not stored(path).obsolete


def test_nothing_is_untranslated_or_guessed(path):
    kept = messages(stored(path)).values()

    assert [one.id for one in kept if not all(texts(one.string))] == []
    assert [one.id for one in kept if one.fuzzy] == []


def test_a_translation_has_the_same_places_and_tags(path):
    for one in messages(stored(path)).values():
        wanted, found = texts(one.id)[-1], texts(one.string)[-1]
        assert sorted(set(PLACE.findall(wanted))) == sorted(set(PLACE.findall(found))), wanted
        assert sorted(TAGS.findall(wanted)) == sorted(TAGS.findall(found)), wanted


def test_what_django_reads_is_what_is_written(path):
    assert path.with_suffix(".mo").read_bytes() == compiled(stored(path)), "run scripts/messages compile"


# --- choosing -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_visitor_chooses_the_language_for_a_year_without_a_script():
    client = Client()
    answer = client.post("/language", {"language": "ja", "next": "/mine"})

    assert answer.headers["Location"] == "/mine"
    assert client.cookies["django_language"]["max-age"] == settings.LANGUAGE_COOKIE_AGE
    page = client.get("/mine").content.decode()
    assert '<html lang="ja">' in page
    assert "自分の実行" in page


@pytest.mark.django_db
def test_the_browsers_language_is_taken_where_none_was_chosen():
    assert '<html lang="ja">' in Client().get("/", headers={"accept-language": "ja,en;q=0.5"}).content.decode()
    assert '<html lang="en">' in Client().get("/", headers={"accept-language": "fr"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_the_switch_leads_to_no_other_site(elsewhere):
    answer = Client().post("/language", {"language": "ja", "next": elsewhere})

    assert answer.headers["Location"] == "/"


# --- sentences ----------------------------------------------------------------------------------------------------


def test_words_are_those_of_the_language_at_the_moment_they_are_asked_for():
    words = Words({"leak": "leak", "": ""})

    with translation.override("ja"):
        assert (words["leak"], words[""]) == ("漏えい", "")
    with translation.override("en"):
        assert words["leak"] == "leak"
    assert (list(words), len(words)) == (["leak", ""], 2)


def everything():
    """A result that says every finding, every check and every verdict that there is, and that ran out of time."""
    return run_results.leak(
        verdict_messages=[sample(code) for code in VERDICT],
        findings=[
            run_results.finding(
                messages=(sample(code),),
                evidence=[Evidence(oracle="history", observations=[Observation(condition=sample(of), text="1")])],
            )
            for code, of in zip(FINDING, itertools.cycle(CONDITION))
        ],
        checks=[Check(oracle="marker", done=True, messages=(sample(code),)) for code in CHECK],
        left=sample("time-ran-out"),
        ended="out-of-time",
    )


def shown(page):
    """The text of a page, as a reader sees it."""
    plain = re.sub(r"<(script|style|svg|textarea)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", plain)).split())


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_says_every_finding_check_and_verdict_in_its_language(language):
    result = everything()
    run = a_run(result_blob=stored_json.pack(result.to_json()), status="finished", verdict="leak")
    text = shown(Client().get(run.get_absolute_url(), headers={"accept-language": language}).content.decode())
    other = {"en": "ja", "ja": "en"}[language]

    for code in (*VERDICT, *FINDING, *CHECK, "time-ran-out"):
        assert " ".join(render(sample(code), language).replace("`", "").split()) in text, code
        assert " ".join(render(sample(code), other).replace("`", "").split()) not in text, code
    for code in CONDITION:
        assert render(sample(code), language) in text, code


@pytest.mark.django_db
@pytest.mark.parametrize("code", FAILURE)
def test_a_failure_of_ours_is_said_in_the_pages_language(code):
    run = a_run(
        status="failed", failure_reference="0123abcd", failure_messages=stored_json.pack_messages([sample(code)])
    )
    text = shown(Client().get(run.get_absolute_url(), headers={"accept-language": "ja"}).content.decode())

    assert render(sample(code), "ja") in text
    assert render(sample(code), "en") not in text


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_api_says_it_in_the_language_that_is_asked_for(language):
    result = everything()
    run = a_run(result_blob=stored_json.pack(result.to_json()), status="finished", verdict="leak")
    told = Client().get(f"/api/v1/runs/{run.pk}", headers={"accept-language": language}).json()["result"]

    assert told["verdict_sentence"] == render_all(result.verdict_messages, language)
    assert [one["sentence"] for one in told["findings"]] == [
        render_all(one.messages, language) for one in result.findings
    ]
    assert [one["sentence"] for one in told["checks"]] == [render_all(one.messages, language) for one in result.checks]


def test_a_leak_that_is_still_being_proven_says_that_its_carrier_is_sought():
    said = (sample("value-logged"), sample("carrier-unknown"))

    assert [each.code for each in known(said, "going on")] == ["value-logged", "carrier-sought"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/mine", "/library", "/library/collections", "/nothing", "/accounts/login/"])
def test_no_english_of_the_catalogue_is_left_on_a_japanese_page(address):
    assert_no_english(Client().get(address, headers={"accept-language": "ja"}).content.decode())


@pytest.mark.django_db
def test_none_is_left_on_a_runs_page():
    run = a_run()
    for shown in (run.get_absolute_url(), run.revision.experiment.get_absolute_url()):
        assert_no_english(Client().get(shown, headers={"accept-language": "ja"}).content.decode())


def assert_no_english(page):
    """No text of ours is there in English although the catalogue has it in Japanese."""
    visible = re.sub(r"<(script|style|pre|code|textarea)\b.*?</\1>", " ", page, flags=re.DOTALL)
    shown = {part.strip() for part in re.split(r"<[^>]*>", visible)}
    known = {
        message for (_, message), one in messages(stored(CATALOGUES[0])).items() if message != texts(one.string)[0]
    }
    names = {"English", "Japanese"}
    assert (shown & {message for message in known if " " in message or message.istitle()}) - names == set()
