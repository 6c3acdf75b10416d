"""The gallery speaks English and Japanese, as the address or the browser asks."""

from __future__ import annotations

import re

import pytest

from playground.gallery import incidents
from playground.gallery.telling import ENGLISH, LANGUAGES, WORDS, told
from sandbox_runner.scenario.account.settings import CallStep

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("one", incidents(), ids=lambda one: one.slug)
def test_an_incident_is_told_in_every_language(one, language):
    words = one.translations[language]
    assert len(words.text) == len(one.text)
    assert [len(section.paragraphs) for section in words.text] == [len(section.paragraphs) for section in one.text]
    assert list(words.runs) == [run.slug for run in one.runs]


@pytest.mark.parametrize("one", incidents(), ids=lambda one: one.slug)
def test_every_paragraph_of_the_japanese_text_is_japanese(one):
    told = one.told_in("ja")
    paragraphs = [paragraph for section in told.text for paragraph in section.paragraphs]
    notes = [text for run in told.runs for text in (run.title, run.note)]
    for text in (told.title, told.summary, *paragraphs, *notes):
        assert JAPANESE.search(text), text


@pytest.mark.parametrize("one", incidents(), ids=lambda one: one.slug)
def test_figures_are_the_same_in_both_languages(one):
    """A figure that is corrected in one language only is a lie in the other."""

    def figures(told):
        text = " ".join([*(part for section in told.text for part in section.paragraphs), told.summary])
        return set(re.findall(r"\d[\d,.]*\d", text))

    assert figures(one) == figures(one.told_in("ja"))


def test_the_shared_words_are_the_same_in_every_language():
    assert set(WORDS) == set(LANGUAGES)
    assert all(set(words) == set(WORDS[ENGLISH]) for words in WORDS.values())


def test_what_has_no_translation_stays_as_it_is():
    one = incidents()[0]
    assert one.told_in("fr") is one


def test_the_browsers_language_is_shown(client):
    page = client.get("/gallery/late-work", headers={"accept-language": "ja,en;q=0.5"}).content.decode()
    assert '<article class="incident" lang="ja">' in page
    assert "同じ例です" in page


@pytest.mark.parametrize("accepted", ["", "de", "xx-*;q=nonsense"])
def test_another_language_falls_back_to_english(client, accepted):
    page = client.get("/gallery/late-work", headers={"accept-language": accepted}).content.decode()
    assert "What people saw" in page


@pytest.mark.parametrize(
    ("address", "browser", "seen"),
    [
        ("/gallery?lang=ja", "en", "現場で起きた"),
        ("/gallery?lang=en", "ja", "Incidents from the field"),
        ("/gallery?lang=%22%3E", "ja", "現場で起きた"),
    ],
)
def test_the_address_goes_before_the_browser(client, address, browser, seen):
    assert seen in client.get(address, headers={"accept-language": browser}).content.decode()


def test_a_chosen_language_stays_in_the_links_of_the_page(client):
    assert 'href="/gallery/late-work?lang=ja"' in client.get("/gallery?lang=ja").content.decode()
    assert 'href="/gallery/late-work"' in client.get("/gallery").content.decode()


def test_each_page_links_to_itself_in_the_other_language(client):
    assert 'href="?lang=ja" hreflang="ja"' in client.get("/gallery").content.decode()
    assert 'href="?lang=en" hreflang="en"' in client.get("/gallery/late-work?lang=ja").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["alice calls sqs.send_message", "s3.list_buckets is called from outside"]),
        ("ja", ["alice が sqs.send_message を呼び出す", "外部から s3.list_buckets が呼び出される"]),
    ],
)
def test_a_call_to_aws_is_told_with_who_makes_it(language, words):
    calls = ({"sqs.send_message": {"QueueUrl": "jobs", "MessageBody": "x"}, "as": "alice"}, {"s3.list_buckets": {}})

    steps = told(tuple(CallStep.model_validate({"call": each}) for each in calls), language)

    assert [each.words for each in steps] == words
    assert (steps[0].payload, steps[0].request) == ('{"QueueUrl": "jobs", "MessageBody": "x"}', None)
