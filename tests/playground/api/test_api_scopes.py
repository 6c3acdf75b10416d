"""What a token may do: every operation refuses one of a lesser scope, and none refuses one that suffices."""

import pytest
from django.test import Client

from playground.accounts.scopes import Scope
from playground.api.api import api
from playground.experiments.models import Experiment
from tests.playground.people import experiment_of, person, token_of

pytestmark = pytest.mark.django_db

# What deletes or restores; everything else that is not read is written.
ADMINISTERED = {"delete_experiment", "restore_experiment"}


def operations():
    """Every operation of the document: its id, method and address, of something that is nowhere."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path.replace("{", "").replace("}", "")


def scope_of(name, method):
    return Scope.ADMIN if name in ADMINISTERED else Scope.READ if method == "GET" else Scope.WRITE


def is_refused(method, path, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    answer = Client().generic(method, path, "{}", content_type="application/json", headers=headers)
    return answer.status_code == 403 and "The token is for" in answer.json()["detail"]


@pytest.mark.parametrize("held", Scope)
def test_an_operation_takes_a_token_whose_scope_covers_it_and_no_other(held):
    _, secret = token_of(person(), scope=held)

    for name, method, path in operations():
        asked = scope_of(name, method)
        assert is_refused(method, path, secret) == (not held.covers(asked)), (name, held)


def test_the_document_says_which_scope_an_operation_needs():
    paths = api.get_openapi_schema()["paths"]
    said = {one["operationId"]: one["security"][0] for methods in paths.values() for one in methods.values()}

    wrong = [name for name, method, _ in operations() if [*said[name].values()] != [[scope_of(name, method).value]]]

    assert not wrong


def changed(experiment, secret, body):
    headers = {"Authorization": f"Bearer {secret}"}
    where = f"/api/v1/experiments/{experiment.pk}"
    answer = Client().patch(where, body, content_type="application/json", headers=headers)
    experiment.refresh_from_db()
    return answer


@pytest.mark.parametrize("body", [{"visibility": "public"}, {"title": "New", "visibility": "private"}, {"team": "x"}])
def test_a_token_that_writes_does_not_decide_who_may_see(body):
    ada = person()
    experiment = experiment_of(ada)
    _, secret = token_of(ada, scope=Scope.WRITE)

    answer = changed(experiment, secret, body)

    assert answer.status_code == 403
    assert "this needs “admin”" in answer.json()["detail"]
    assert Experiment.objects.filter(title="", visibility="unlisted").get() == experiment


def test_a_token_that_writes_describes():
    ada = person()
    experiment = experiment_of(ada)
    _, secret = token_of(ada, scope=Scope.WRITE)

    assert changed(experiment, secret, {"title": "New"}).status_code == 200
    assert experiment.title == "New"
