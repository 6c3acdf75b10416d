"""The library's page: what it finds, how it is narrowed down, and what it says where there is nothing."""

import pytest
from django.urls import reverse

from playground.experiments.models import Visibility
from playground.library.search import searching
from tests.playground import run_results
from tests.playground.library.search.documents import an_experiment

pytestmark = pytest.mark.django_db
LIBRARY = "/library"


def test_an_empty_library_says_what_would_fill_it(browser):
    answer = browser.get(LIBRARY)

    assert answer.status_code == 200
    assert "It fills with experiments whose makers make them public" in answer.text


def test_a_hit_says_where_it_was_found_and_leads_there(browser):
    experiment = an_experiment("Cart")

    answer = browser.get(LIBRARY, {"q": "someGlobalValue"})

    run = experiment.revisions.get().runs.get()
    assert f'href="/r/{run.id}#finding-1"' in answer.text
    assert '<span class="hit">someGlobalValue</span>' in answer.text


def test_what_was_found_is_text_and_not_markup(browser):
    hostile = "<script>alert(1)</script> basket \u202e\u200b"
    scenario = run_results.scenario(files={"app.mjs": f"// {hostile}"})
    an_experiment(hostile, description=hostile, result=run_results.leak(scenario=scenario, findings=()))

    for text in ("basket", '"alert 1"'):
        answer = browser.get(LIBRARY, {"q": text})
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_a_facet_is_chosen_by_a_link_and_removed_by_one(browser):
    an_experiment("Cart one", tags=["cold"])
    an_experiment("Cart two")

    page = browser.get(LIBRARY, {"q": "cart"}).context["page"]
    cold = next(value for facet in page.facets if facet.kind == "tag" for value in facet.values)
    narrowed = browser.get(f"{LIBRARY}?{cold.address}")

    assert (cold.label, cold.count) == ("cold", 1)
    assert "Cart one" in narrowed.text
    assert "Cart two" not in narrowed.text
    assert narrowed.context["page"].chosen[0].address == "q=cart"


def test_a_text_that_is_no_query_is_answered_with_a_sentence(browser):
    answer = browser.get(LIBRARY, {"q": "&&& |||"})

    assert answer.status_code == 422
    assert "There is no letter or digit in the search text" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "?q=%00&tag=%00&before=99999999999999999999&page=-1",
        "?before=abc&page=0&verdict=&q=" + "x" * 5000,
        "?" + "&".join(f"tag=t{number}" for number in range(300)),
        "?q=%ff%fe%ed%a0%80&tag=%ff%ed%a0%80",
        "?fingerprint=' OR 1=1 --&team=x&error=\"*",
    ],
)
def test_no_address_is_too_strange(browser, address):
    assert browser.get(LIBRARY + address).status_code in (200, 422)


def test_many_matches_are_said_to_be_more_than_were_looked_at(browser, monkeypatch):
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 2)
    for number in range(4):
        an_experiment(f"other {number}", result=run_results.leak())

    answer = browser.get(LIBRARY)

    assert "More than 2 experiments" in answer.text
    assert "Look at older ones" in answer.text
    older = browser.get(f"{LIBRARY}?{answer.context['page'].older}")
    assert {hit.experiment.title for hit in older.context["found"].hits} == {"other 1", "other 0"}


def test_a_page_asks_a_bounded_number_of_questions(browser, django_assert_max_num_queries):
    for number in range(25):
        an_experiment(f"cart {number}", tags=[f"t{number}"])

    with django_assert_max_num_queries(9):
        browser.get(LIBRARY, {"q": "cart"})


# --- the same leak shape ----------------------------------------------------------------------------------------------


def test_a_run_says_where_else_its_leak_shape_was_seen(browser):
    shape = run_results.leak(findings=(run_results.finding(fingerprint="00ff"),))
    here = an_experiment("here", result=shape)
    an_experiment("public elsewhere", result=shape)
    an_experiment("private elsewhere", result=shape, visibility=Visibility.PRIVATE)

    answer = browser.get(here.revisions.get().runs.get().get_absolute_url())

    assert "The same leak shape was seen in 1 other experiment" in answer.text
    assert 'href="#elsewhere">Seen before: 1 experiment with this leak shape</a>' in answer.text
    assert "public elsewhere" in answer.text
    assert "private elsewhere" not in answer.text
    assert f"{reverse('library')}?fingerprint=00ff" in answer.text
