"""A database that is away, busy or can only be read: pages and the API say so, and what can be read is read."""

import sqlite3
import time

import psycopg
import pytest
from django.db import connection
from django.test import Client

from playground.experiments.models import Experiment, Run
from playground.infrastructure.database_away import Unusable
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BODY = (
    '{"scenario": {"function": {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": "x"}},'
    ' "steps": [{"invoke": {"payload": 1}}]}}'
)


@pytest.fixture
def run():
    return Run.objects.select_related("revision").get(pk=a_run().pk)


@pytest.fixture
def database_away():
    """Nothing answers where the database should be."""
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"NAME": "/nowhere/at/all", "HOST": "/nowhere"}
    yield
    connection.close()
    connection.settings_dict |= before


@pytest.fixture
def read_only():
    """A database that was brought up again as a replica is. It lasts as long as a connection, which is one request."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only = ON")
        else:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    yield
    connection.close()


@pytest.fixture
def written_by_another(run):
    """Somebody else writes at that experiment and does not come to an end."""
    statement = f"UPDATE {Experiment._meta.db_table} SET title = 'x' WHERE id = '{run.revision.experiment_id}'"
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None})
    other.execute(statement)
    yield
    other.rollback()
    other.close()


PAGES = ("/library", "/r/{run}", "/x/{experiment}", "/r/{run}/live", "/r/{run}/events", "/r/{run}.json")


@pytest.mark.parametrize("path", PAGES)
def test_without_its_database_a_page_says_so_and_when_to_come_back(run, database_away, path):
    answer = Client().get(path.format(run=run.id, experiment=run.revision.experiment_id))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "The database does not answer just now" in answer.content.decode()


def test_it_says_so_in_the_readers_language(database_away):
    page = Client().get("/library", headers={"accept-language": "ja"}).content.decode()

    assert '<html lang="ja">' in page
    assert "The database" not in page


@pytest.mark.parametrize("path", ["/api/v1/runs/{run}", "/api/v1/runs/{run}/events", "/api/v1/search"])
def test_without_its_database_the_api_says_so_and_when_to_come_back(run, database_away, path):
    answer = Client().get(path.format(run=run.id))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("The database does not answer just now")


def test_a_run_that_cannot_be_stored_since_the_database_can_only_be_read_is_refused_with_that(read_only):
    answer = Client().post("/api/v1/runs", BODY, content_type="application/json")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json()["detail"].startswith("The database can only be read just now")


def test_a_run_is_shown_where_the_database_can_only_be_read(run, read_only):
    assert Client().get(run.get_absolute_url()).status_code == 200


def test_a_run_is_shown_at_once_while_somebody_else_writes(run, written_by_another):
    began_s = time.monotonic()

    assert Client().get(run.get_absolute_url()).status_code == 200
    assert time.monotonic() - began_s < 5


def test_the_visitor_after_that_is_noted(run):
    Client().get(run.get_absolute_url())

    assert Experiment.objects.get(pk=run.revision.experiment_id).visited_at is not None


def test_who_notes_a_visit_waits_for_others_afterwards_as_before(run):
    before = patience_of_sqlite()

    Client().get(run.get_absolute_url())

    assert patience_of_sqlite() == before != (0,)


def patience_of_sqlite():
    """How long a question waits for what somebody else holds locked, in milliseconds."""
    if connection.vendor != "sqlite":
        return ()
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA busy_timeout").fetchone()


def test_an_error_that_is_not_about_the_databases_state_stays_a_failure(run):
    with pytest.raises(Exception, match="no_such_column") as raised, connection.cursor() as cursor:
        cursor.execute(f"SELECT no_such_column FROM {Run._meta.db_table}")

    assert Unusable.found_in(raised.value) is None
