"""The pages speak English and Japanese: every word is marked, translated, and chosen by the visitor."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from playground.i18n.catalogues import CATALOGUES, compiled, marked, stored
from playground.i18n.marking import Words
from playground.run_page.translated_sentences import finding_sentence, phrase, verdict_sentence
from sandbox_runner.results.model import Location
from tests.playground import run_results
from tests.playground.stored import a_run

PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
TAGS = re.compile(r"</?[a-z]+|href=\"[^\"]*\"")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


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


def test_a_finding_is_told_from_its_fields():
    finding = run_results.finding()

    with translation.override("ja"):
        told = finding_sentence(finding)
    assert told == (
        "リクエスト 2 (tenant-b) への応答に、リクエスト 1 (tenant-a) の `queryStringParameters.message` が現れました。 "
        "`app.handler.[[module]].someGlobalValue` が運びました。 app.mjs の 8 行目で書き込まれました。"
    )


def test_in_english_a_finding_is_told_as_it_is_stored():
    finding = run_results.finding()

    assert finding_sentence(finding) == finding.sentence


KINDS = {
    "in the log": ({"kind": "log-leak"}, "のログに"),
    "depending on what ran before": ({"kind": "history-dependent", "grade": "history-dependent"}, "依存しています"),
    "still held": ({"kind": "retained", "grade": "retained"}, "保持されていますが"),
    "proven": ({"confidence": "proven"}, "証明済み"),
    "only in another order": ({"reproduces_with": (2, 1)}, "順序を変えると"),
    "written by late work": ({"kind": "background-log", "location": None, "sources": ()}, "終わっていなかった処理"),
    "without a known carrier": ({"location": None, "sources": ()}, "何が運んだかは分かりませんでした"),
}


@pytest.mark.parametrize(("fields", "said"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_finding_has_its_sentence(fields, said):
    with translation.override("ja"):
        assert said in finding_sentence(run_results.finding(**fields))


PEERS = {
    "The peer backend refused the connection of env-1: env-2 (which served no request) held its only place.": (
        "backend は env-1 の接続を拒否しました"
    ),
    "The peer backend refused the connection of env-1: env-2, env-3 held its places.": "env-2, env-3",
    "The peer db had closed the connection that env-1 opened in init, while env-1 was frozen.": "フリーズ",
    "The peer db had closed the connection that env-1 opened in request 1.": "db は",
}


@pytest.mark.parametrize(("why", "said"), PEERS.items())
def test_what_a_peer_did_is_told_where_a_request_failed_of_it(why, said):
    failed = run_results.finding(
        kind="history-dependent",
        grade="history-dependent",
        location=Location(root="peer", path="backend", type="connection"),
        sentence=f"Request 2 (shop) failed (function-error); alone, in a fresh environment, it succeeds. {why}",
    )
    with translation.override("ja"):
        told = finding_sentence(failed)
    assert said in told
    assert not re.search(r"[A-Za-z]{3,} [a-z]{3,}", told), told


SENTENCES = [
    "No request followed another in the same environment, so nothing could be held over.",
    "Both answers are the same as in a fresh environment, and no value of one request came out in another.",
    (
        "Of 3 answers, the one that was compared is the same as in a fresh environment, and no value of one request "
        "came out in another."
    ),
    (
        "No value of one request was recognised in another's answer, but only 1 of 3 answers could be compared: "
        "the budget of 10 seconds was used up."
    ),
    (
        "No value of one request was recognised in another's answer, but none was compared with enough fresh ones to "
        "be sure."
    ),
    "Every request that followed another timed out, so there was no answer to compare.",
    "All 3 answers are the same as in a fresh environment, and no value of one request came out in another.",
    (
        "Of 3 answers, the 2 that were compared are the same as in a fresh environment, and no value of one request "
        "came out in another. But the function disturbed the probe that looks at what is held, so it cannot be called "
        "clean."
    ),
    "4 values of earlier requests looked for in 1 answer and the log lines with them.",
    "1 of 1 answer compared with fresh ones. Not compared: request 3. In the other order as well: 1 answer compared.",
    "2 values of earlier requests changed in 8 replays before request 2; 1 leak proven. 1 leak not proven.",
    "1 place put back to the state after init in 4 replays; confirmed: app.cache.",
    "State walked at 3 of 3 moments in 1 environment, 1 of them cut short.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_without_fields_is_in_the_phrasebook(sentence):
    with translation.override("ja"):
        told = phrase(sentence)
    assert JAPANESE.search(told)
    assert not re.search(r"\b(the|was|were|request|answers?)\b", told)
    assert phrase(sentence) == sentence


def test_a_sentence_that_nobody_knows_stays_as_it_is():
    with translation.override("ja"):
        assert phrase("No place had to be put back. Something new.") == "No place had to be put back. Something new."


def test_a_verdict_counts_what_else_was_found():
    two = (run_results.finding(), run_results.finding())

    with translation.override("ja"):
        assert verdict_sentence(two[0].grade, "", two).endswith("ほかに検出結果が 1 件あります。")


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
