"""What is stored, and that it never changes."""

import re

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from playground.experiments.models import ImmutableError, Revision, Run, new_slug
from tests.playground.stored import a_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_an_id_is_128_random_bits_and_fits_into_an_address():
    assert len({new_slug() for _ in range(1000)}) == 1000
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", new_slug())


def test_a_stored_revision_cannot_be_saved_again():
    revision = a_run().revision
    revision.number = 7

    with pytest.raises(ImmutableError):
        revision.save()


def test_two_revisions_of_an_experiment_never_have_one_number():
    revision = a_run().revision

    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(
            experiment=revision.experiment, number=revision.number, sha256="other", scenario_blob=b""
        )


def test_a_run_without_a_result_has_none_to_show():
    run = a_run()

    assert run.result is None
    assert run.observed_events == ()


def test_the_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_list_of_runs_does_not_read_what_only_their_pages_show(django_assert_num_queries):
    for _ in range(3):
        a_run()

    with django_assert_num_queries(1):
        assert len([run.revision.number for run in Run.objects.listed()]) == 3
