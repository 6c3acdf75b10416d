"""A web process's question to a database that hangs, or is locked, is over in time."""

import sqlite3
import time

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from playground.experiments.models import Run
from playground.infrastructure.bounded_questions import bound_questions
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def bounded():
    """This process's questions are bounded at a quarter and half a second, on a new connection."""
    connection.close()
    bound = bound_questions(lock_s=0.25, question_s=0.5)
    yield
    connection_created.disconnect(bound)
    connection.close()
    connection.execute_wrappers.clear()


def only_on(vendor):
    if connection.vendor != vendor:
        pytest.skip(f"only {vendor} does that, and this is {connection.vendor}")


def test_a_question_that_is_answered_in_time_is_answered(bounded):
    run = a_run()

    assert Run.objects.get(pk=run.pk).status == "queued"


def test_a_write_to_a_locked_sqlite_is_refused_in_time(bounded):
    only_on("sqlite")
    run = a_run()
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        with pytest.raises(OperationalError, match="locked"):
            Run.objects.filter(pk=run.pk).update(attempts=1)
    finally:
        other.close()

    assert time.monotonic() - began < 3


def test_a_server_that_does_not_answer_is_given_up_and_the_next_question_has_a_new_connection(bounded):
    only_on("postgresql")
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.5)")
    connection.close()

    assert Run.objects.count() == 0


def test_rows_that_somebody_else_holds_are_given_up(bounded):
    only_on("postgresql")
    run = a_run()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE experiments_run IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            Run.objects.get(pk=run.pk)
    finally:
        other.close()
