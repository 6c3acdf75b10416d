"""Search, alike on SQLite and on PostgreSQL: what is found, by whom, in which order, and what no query can do."""

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.accounts.models import Team, User
from playground.experiments.models import Experiment, Visibility
from playground.experiments.viewer import STRANGER, Viewer
from playground.library.models import SearchDocument
from playground.library.search import postgresql, searching
from playground.library.search.index import search_index
from playground.library.search.params import SearchParams, read_search_params
from playground.library.search.query_text import read_query
from tests.playground import run_results
from tests.playground.library.search.documents import an_experiment, another_run, found, titles

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def result_with(code="", *, log=(), error=None, **fields):
    requests = (run_results.invocation(1), run_results.invocation(2, error_type=error))
    lines = tuple(run_results.log_entry(line, 2) for line in log)
    scenario = run_results.scenario(files={"app.mjs": code or "export const handler = () => 1"})
    return run_results.leak(scenario=scenario, invocations=requests, log=lines, findings=(), **fields)


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.fixture
def symptom():
    """One experiment that has something everywhere; and one that has nothing of it."""
    an_experiment("unrelated", result=result_with("const other = 1"))
    finding = run_results.finding(fingerprint="0123456789abcdef")
    result = result_with(
        "let someGlobalValue = event.queryStringParameters.message; // 設定を読む",
        log=["[ERROR] Unable to import module 'main'", "顧客の注文を処理しました"],
        error="Runtime.ImportModuleError",
    ).model_copy(update={"findings": (finding,)})
    return an_experiment("Checkout leaks", description="Seen *twice* on Mondays.", tags=["warm-start"], result=result)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("checkout", "title"),
        ("mondays", "description"),
        ("warm-start", None),
        ("Runtime.ImportModuleError", "error"),
        ("ImportModuleError", "error"),
        ("import module error", "error"),
        ("0123456789abcdef", "finding"),
        ("queryStringParameters.message", "finding"),
        ("someGlobalValue", "finding"),
        ("globalValue", "finding"),
        ("unable to import", "log"),
        ("\"import module 'main'\"", "log"),
        ("設定を読む", "code"),
        ("設定", "code"),
        ("注文を処理", "log"),
        ("顧", "log"),
        ("CHECKOUT mondays import", "title"),
        ("checkout -unrelated", "title"),
    ],
)
def test_an_experiment_is_found_by_what_is_in_it(symptom, text, where):
    hits = found(text).hits

    assert [hit.experiment.title for hit in hits] == [symptom.title]
    assert where is None or hits[0].snippet.kind == where


@pytest.mark.parametrize("text", ["checkout tuesdays", '"module import"', "checkout -mondays", "設読", "port", "定設"])
def test_an_experiment_is_not_found_by_what_is_not_in_it(symptom, text):
    assert titles(text) == []


def test_a_mended_experiment_is_found_by_what_it_did_before():
    experiment = an_experiment("cart", result=result_with(log=["cannot find the basket"]))
    another_run(experiment, result_with(log=["all is well"]))

    assert titles("basket") == []
    assert titles("well") == ["cart"]


def test_a_title_weighs_more_than_a_line_of_code():
    an_experiment("basket")
    an_experiment("other", result=result_with("const basket = 1"))
    an_experiment("third")

    assert titles("basket") == ["basket", "other"]


def test_an_old_title_is_not_lost_behind_many_newer_lines(monkeypatch):
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 3)
    an_experiment("basket")
    for number in range(5):
        an_experiment(f"other {number}", result=result_with("const basket = 1"))

    result = found("basket")

    assert result.hits[0].experiment.title == "basket"
    assert (result.count, result.more) == (4, True)


def test_what_is_older_than_was_looked_at_comes_next(monkeypatch):
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 3)
    for number in range(5):
        an_experiment(f"cart {number}", result=result_with("const basket = 1"))

    first = found("basket")
    second = found("basket", before=first.oldest)

    assert {hit.experiment.title for hit in first.hits} == {"cart 4", "cart 3", "cart 2"}
    assert {hit.experiment.title for hit in second.hits} == {"cart 1", "cart 0"}
    assert not second.more


SPREAD = {"in every one": 1, "in every third": 3, "in one of them": 8}


@pytest.mark.parametrize("every", SPREAD.values(), ids=SPREAD.keys())
def test_however_many_have_the_word_each_is_found_once_and_newest_first(monkeypatch, every):
    monkeypatch.setattr(postgresql, "_SAMPLE", 2)
    monkeypatch.setattr(postgresql, "_RARE", 4)
    made = [an_experiment("basket" if number % every == 0 else "other") for number in range(12)]
    wanted = [one.search_document.pk for one in made if one.title == "basket"][::-1]
    asked = SearchParams(read_query("basket"))

    for most in (1, 3, 100):
        assert search_index().newest(asked.indexed, 2**62, most) == wanted[:most]


def test_pages_have_every_match_once(monkeypatch):
    monkeypatch.setattr(searching, "PAGE", 2)
    for number in range(5):
        an_experiment(f"cart {number}")

    seen = [title for page in (1, 2, 3, 4) for title in titles("cart", page=page)]

    assert sorted(seen) == [f"cart {number}" for number in range(5)]


# --- by whom ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared():
    """One experiment of each visibility, of one owner and one team."""
    owner, team = User.objects.create(username="owner"), Team.objects.create(name="team")
    for visibility in Visibility.values:
        an_experiment(visibility, description="basket", visibility=visibility, owner=owner, team=team)
    return owner, team


def test_a_stranger_finds_and_counts_what_is_public(shared):
    assert titles("basket") == ["public"]
    assert found("basket").count == 1
    assert {n for _, _, n in found("basket").counts} == {1}


def test_an_owner_finds_what_is_theirs(shared):
    owner, _ = shared

    assert set(titles("basket", viewer=Viewer(owner.pk))) == set(Visibility.values)


def test_a_member_finds_what_is_the_teams(shared):
    _, team = shared

    member = Viewer(0, "", ((team.pk, "reader"),))

    assert set(titles("basket", viewer=member)) == {"public", "unlisted", "team"}


def test_what_may_not_be_seen_takes_no_place_from_what_may(shared, monkeypatch):
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 1)
    an_experiment("newer", description="basket", visibility=Visibility.PRIVATE)

    assert titles("basket") == ["public"]


def test_a_team_is_a_facet_of_its_members_alone(shared):
    _, team = shared
    member = Viewer(0, "", ((team.pk, "reader"),))

    assert set(titles(viewer=member, chosen=[("team", team.pk)])) == {"public", "unlisted", "team"}
    assert ("team", team.pk, 3) in found(viewer=member).counts
    assert titles(chosen=[("team", team.pk)]) == []
    assert not [row for row in found().counts if row[0] == "team"]


def test_what_is_deleted_or_withdrawn_is_not_found():
    experiment = an_experiment("basket")
    Experiment.objects.filter(pk=experiment.pk).update(deleted_at=timezone.now())
    assert titles("basket") == []

    Experiment.objects.filter(pk=experiment.pk).update(deleted_at=None, visibility=Visibility.UNLISTED)
    assert titles("basket") == []


def test_a_document_goes_with_its_experiment():
    experiment = an_experiment("basket")
    an_experiment("basket two")

    experiment.delete()

    assert titles("basket") == ["basket two"]
    assert SearchDocument.objects.count() == 1


# --- facets -----------------------------------------------------------------------------------------------------------


def test_facets_count_what_matches_and_narrow_it_down():
    an_experiment("cart one", tags=["cold"], result=result_with(error="Runtime.ExitError"))
    an_experiment("cart two", tags=["cold", "warm"])
    an_experiment("invoice", tags=["warm"])

    counts = set(found("cart").counts)

    assert {("tag", "cold", 2), ("tag", "warm", 1), ("error", "Runtime.ExitError", 1)} <= counts
    assert {("verdict", "leak", 2), ("runtime", "nodejs22.x", 2), ("carrier", "node-module", 1)} <= counts
    assert titles("cart", chosen=[("tag", "warm")]) == ["cart two"]
    assert titles(chosen=[("tag", "warm"), ("tag", "cold")]) == ["cart two"]
    assert titles("cart", chosen=[("error", "Runtime.ExitError"), ("verdict", "leak")]) == ["cart one"]


def test_the_same_leak_shape_is_found_elsewhere():
    shape = run_results.leak(findings=(run_results.finding(fingerprint="00ff"),))
    an_experiment("one", result=shape)
    an_experiment("two", result=shape)
    an_experiment("three")

    assert titles(chosen=[("fingerprint", "00ff")]) == ["two", "one"]


# --- what no query can do ---------------------------------------------------------------------------------------------

# What the two databases' own query languages are made of, and what their drivers are.
OPERATORS = "\"'()*:^-+&|!<>{}[]\\%_;,.~@#$\x00\n日本a1AND OR NOT NEAR"


@pytest.fixture
def _indexed():
    an_experiment("basket", description="日本語 NEAR and OR not", result=result_with("a.b.c = $x_y"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40) | st.text(alphabet=OPERATORS, max_size=60))
@pytest.mark.usefixtures("_indexed")
def test_any_query_is_answered(text):
    result = found(text)

    assert result.count in (0, 1)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["verdict", "tag", "team", "error"]), value=st.text(max_size=300))
@pytest.mark.usefixtures("_indexed")
def test_any_facet_is_answered(kind, value):
    given_address = QueryDict(mutable=True)
    given_address.setlist(kind, [value])

    asked = read_search_params(given_address)

    assert searching.search(asked, STRANGER).count in (0, 1)


def test_a_search_asks_a_bounded_number_of_questions(django_assert_max_num_queries):
    for number in range(30):
        an_experiment(f"cart {number}", tags=[f"tag-{number}"])

    with django_assert_max_num_queries(8):
        found("cart", viewer=Viewer(1, "key", (("team", "reader"),)))
