"""Experiments, their revisions and runs through the API, for strangers and for persons with tokens."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from playground.accounts.models import Membership, Team, User
from playground.accounts.roles import Role
from playground.experiments.models import Experiment, Revision, Run
from playground.experiments.viewer import Viewer, viewer_for
from tests.builders import invoke, scenario
from tests.playground.people import token_of
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


class Program:
    """Sends JSON, with a person's token or without one."""

    def __init__(self, person=None):
        self._headers = {}
        if person is not None:
            self._headers = {"Authorization": f"Bearer {token_of(person, 'tests')[1]}"}
        self._client = Client()

    def __call__(self, method, name, *arguments, body=None, query=""):
        address = reverse(name, args=arguments) + query
        return self._client.generic(
            method, address, "" if body is None else json.dumps(body), "application/json", headers=self._headers
        )


@pytest.fixture
def ann():
    return User.objects.create_user("ann")


@pytest.fixture
def bob():
    return User.objects.create_user("bob")


@pytest.fixture
def stranger():
    return Program()


def made(program, **more):
    answer = program("POST", "api-experiments", body={"scenario": scenario().to_json(), **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_experiment_is_made_with_its_words_and_nothing_is_played(ann):
    program = Program(ann)

    sent = made(program, title="Cache", description="*why*", tags=["Cache", "python"], visibility="public")

    assert sent["title"] == "Cache"
    assert sent["tags"] == ["cache", "python"]
    assert (sent["visibility"], sent["owner"], sent["may_edit"], sent["revisions"]) == ("public", "ann", True, 1)
    assert sent["url"] == f"http://testserver/x/{sent['id']}"
    assert program("GET", "api-experiment", sent["id"]).json() == sent
    assert not Run.objects.exists()


def test_a_stranger_makes_none(stranger):
    answer = stranger("POST", "api-experiments", body={"scenario": scenario().to_json()})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert not Experiment.objects.exists()


BAD = {
    "a title that is too long": ({"title": "x" * 121}, "title"),
    "a title of another kind": ({"title": 5}, "title"),
    "a NUL": ({"description": "a\x00b"}, "description"),
    "half a character": ({"title": "\ud83d"}, "title"),
    "too many tags": ({"tags": ["a"] * 11}, "tags"),
    "a tag that is none": ({"tags": ["a/b"]}, "tags"),
    "tags of another kind": ({"tags": [{"a": 1}]}, "tags[0]"),
    "an unknown visibility": ({"visibility": "secret"}, "visibility"),
    "a team without a name": ({"visibility": "team"}, "team"),
    "a team of others": ({"visibility": "team", "team": "nobodys"}, "team"),
    "an unknown key": ({"titel": "x"}, "titel"),
}


@pytest.mark.parametrize(("fields", "field"), BAD.values(), ids=BAD.keys())
def test_words_that_cannot_be_are_refused_at_their_field_and_nothing_is_stored(ann, fields, field):
    answer = Program(ann)("POST", "api-experiments", body={"scenario": scenario().to_json(), **fields})

    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] == field
    assert not Experiment.objects.exists()


def test_what_is_left_out_of_a_change_stays(ann):
    program = Program(ann)
    sent = made(program, title="One", tags=["a"])

    changed = program("PATCH", "api-experiment", sent["id"], body={"description": "more"}).json()

    assert (changed["title"], changed["tags"], changed["description"]) == ("One", ["a"], "more")


def test_an_experiment_is_shared_with_a_team_of_ones_own(ann, bob):
    team = Team.objects.create(name="us")
    Membership.objects.create(team=team, user=ann, role=Role.EDITOR)
    sent = made(Program(ann))

    shared = Program(ann)("PATCH", "api-experiment", sent["id"], body={"team": team.pk})
    assert (shared.status_code, shared.json()["visibility"], shared.json()["team"]) == (200, "team", team.pk)
    assert Program(bob)("GET", "api-experiment", sent["id"]).status_code == 404
    Membership.objects.create(team=team, user=bob, role=Role.READER)
    assert Program(bob)("GET", "api-experiment", sent["id"]).json()["may_edit"] is False


def test_whoever_may_read_and_not_change_is_told_so(ann, bob):
    sent = made(Program(ann), visibility="unlisted")

    for method, body in (("PATCH", {"title": "mine"}), ("DELETE", None)):
        assert Program(bob)(method, "api-experiment", sent["id"], body=body).status_code == 403
    answer = Program(bob)("POST", "api-experiment-revisions", sent["id"], body={"scenario": scenario().to_json()})
    assert answer.status_code == 403
    assert Revision.objects.count() == 1


CALLS = {
    "experiment": ("GET", "api-experiment", None),
    "change": ("PATCH", "api-experiment", {"title": "x"}),
    "delete": ("DELETE", "api-experiment", None),
    "restore": ("POST", "api-experiment-restore", None),
    "revisions": ("GET", "api-experiment-revisions", None),
    "add a revision": ("POST", "api-experiment-revisions", {"scenario": {}}),
    "revision": ("GET", "api-revision", None),
    "runs of it": ("GET", "api-revision-runs", None),
    "play it": ("POST", "api-revision-runs", None),
    "run": ("GET", "api-run", None),
    "findings": ("GET", "api-run-findings", None),
    "events": ("GET", "api-run-events", None),
    "cancel": ("POST", "api-run-cancel", None),
    "stop proving": ("POST", "api-run-stop-proof", None),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_what_is_private_does_not_exist_for_others(ann, bob, stranger, call):
    method, name, body = call
    run = a_run(by=viewer_for(ann))
    experiment = run.revision.experiment
    Experiment.objects.update(visibility="private")
    body = {"scenario": scenario().to_json()} if body and "scenario" in body else body
    kind = name.split("-")[1]
    key = {"experiment": experiment.pk, "revision": run.revision_id, "run": run.pk}[kind]

    assert Program(bob)(method, name, key, body=body).status_code == 404
    assert stranger(method, name, key, body=body).status_code in {401, 404}
    assert Run.objects.count() == 1


def test_a_copy_does_not_tell_of_what_it_was_copied_from(ann, bob, stranger):
    source = a_run(by=viewer_for(ann))
    answer = Program(bob)("POST", "api-runs", body={"scenario": scenario(invoke(1)).to_json(), "parent": source.pk})
    copy = Run.objects.get(pk=answer.json()["id"]).revision
    address = ("GET", "api-experiment", copy.experiment_id)
    before = stranger(*address).json()["forked_from"]
    Experiment.objects.filter(pk=source.revision.experiment_id).update(visibility="private")

    assert before == source.revision_id
    assert stranger(*address).json()["forked_from"] is None
    assert stranger("GET", "api-revision", copy.pk).json()["parent"] is None


def test_a_parent_that_is_not_there_for_whoever_asks_is_refused(ann, stranger):
    source = a_run(by=viewer_for(ann))
    Experiment.objects.update(visibility="private")

    answer = stranger("POST", "api-runs", body={"scenario": scenario(invoke(1)).to_json(), "parent": source.pk})

    assert (answer.status_code, answer.json()["field"]) == (422, "parent")
    assert Run.objects.count() == 1


def test_what_was_deleted_is_gone_until_it_is_brought_back(ann):
    program = Program(ann)
    sent = made(program)

    assert program("DELETE", "api-experiment", sent["id"]).status_code == 204
    assert program("GET", "api-experiment", sent["id"]).status_code == 404
    assert program("POST", "api-experiment-restore", sent["id"]).json()["id"] == sent["id"]
    assert program("POST", "api-experiment-restore", sent["id"]).status_code == 404


def test_revisions_are_added_and_read_with_their_scenario(ann, stranger):
    sent = made(Program(ann))
    other = scenario(invoke({"m": 1}, "x"))

    added = Program(ann)("POST", "api-experiment-revisions", sent["id"], body={"scenario": other.to_json()}).json()
    again = Program(ann)("POST", "api-experiment-revisions", sent["id"], body={"scenario": other.to_json()}).json()

    assert (added["number"], again["id"]) == (2, added["id"])
    assert stranger("GET", "api-revision", added["id"]).json()["scenario"] == other.to_json()
    listed = stranger("GET", "api-experiment-revisions", sent["id"]).json()["items"]
    assert [one["number"] for one in listed] == [2, 1]
    assert listed[0]["parent"] == listed[1]["id"]


def test_a_revision_is_played_once_more(ann, stranger):
    revision = a_run(by=viewer_for(ann)).revision

    answer = stranger("POST", "api-revision-runs", revision.pk)

    assert (answer.status_code, set(answer.json())) == (202, {"id", "url", "api_url"})
    assert Run.objects.get(pk=answer.json()["id"]).owner is None
    assert len(stranger("GET", "api-revision-runs", revision.pk).json()["items"]) == 2


def test_only_whoever_started_a_run_cancels_it(ann, bob):
    run = a_run(by=viewer_for(ann))

    assert Program(bob)("POST", "api-run-cancel", run.pk).status_code == 403
    assert Program(ann)("POST", "api-run-cancel", run.pk).status_code == 202
    assert Run.objects.get().status == "cancelled"


def test_only_who_started_a_run_or_may_edit_it_stops_its_proof(ann, bob):
    run = a_run(by=viewer_for(ann))

    assert Program(bob)("POST", "api-run-stop-proof", run.pk).status_code == 403
    assert Program(ann)("POST", "api-run-stop-proof", run.pk).status_code == 202
    assert Run.objects.get().proof_stop_requested_at is not None


def test_the_runs_that_are_listed_are_ones_own(ann, bob, stranger):
    mine = a_run(by=viewer_for(ann))
    a_run(by=viewer_for(bob))
    a_run(by=Viewer(browser_key="a browser"))

    assert [one["id"] for one in Program(ann)("GET", "api-runs").json()["items"]] == [mine.pk]
    assert stranger("GET", "api-runs").status_code == 401


def test_findings_of_a_run_that_goes_on_are_none_yet(ann, stranger):
    run = a_run(by=viewer_for(ann))

    assert stranger("GET", "api-run-findings", run.pk).json() == {
        "status": "queued",
        "verdict": None,
        "verdict_sentence": None,
        "verdict_messages": [],
        "items": [],
    }


def test_lists_have_what_is_public_and_ones_own(ann, bob, stranger):
    public = made(Program(ann), visibility="public")
    unlisted = made(Program(ann))

    def listed(program, query=""):
        return {one["id"] for one in program("GET", "api-experiments", query=query).json()["items"]}

    assert listed(stranger) == {public["id"]} == listed(Program(bob))
    assert listed(Program(ann)) == {public["id"], unlisted["id"]}
    assert listed(Program(bob), "?mine=true") == set() == listed(stranger, "?mine=true")


def test_a_list_comes_in_pieces(ann):
    program = Program(ann)
    everything = {made(program, title=str(number))["id"] for number in range(5)}

    found, address = [], reverse("api-experiments") + "?limit=2"
    while address:
        answer = program._client.get(address, headers=program._headers).json()
        assert len(answer["items"]) <= 2
        found += [one["id"] for one in answer["items"]]
        address = answer["next"]

    assert len(found) == 5
    assert set(found) == everything


BOUNDS = [
    "?limit=0",
    "?limit=101",
    "?limit=x",
    "?offset=-1",
    "?offset=10001",
    "?limit=1e3",
    "?offset=99999999999999999999",
]


@pytest.mark.parametrize("query", BOUNDS)
def test_a_piece_that_cannot_be_is_refused_at_its_field(stranger, query):
    answer = stranger("GET", "api-experiments", query=query)

    assert (answer.status_code, answer.json()["field"]) == (422, query[1:].split("=")[0])


def test_a_list_asks_the_database_the_same_number_of_times_for_any_length(ann, django_assert_num_queries):
    program = Program(ann)
    for number in range(3):
        made(program, visibility="public", tags=[f"t{number}"])

    for limit in (1, 3):
        # The token, that it was used, its person's teams; the list, its tags, who may edit.
        with django_assert_num_queries(6):
            program("GET", "api-experiments", query=f"?limit={limit}")
