"""What pages show of a large result is made once, and everything is in the JSON."""

from __future__ import annotations

import pytest
from django.test import Client

from playground.experiments import hard_delete, page_parts
from playground.experiments.models import Run, Status
from playground.experiments.page_part.stored import PageResult
from playground.experiments.stored_json import pack, unpack, unpack_within
from playground.runs import execution
from tests.playground.run_results import invocation, leak
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(page_parts, "READ_WHOLE_MAX", 10)


@pytest.fixture
def large():
    """A finished run with more requests than a page has."""
    asked = (invocation(at, request_id=f"8f5c1c1e-0000-4000-8000-{at:012}", arrived_us=at) for at in range(1, 301))
    run = a_run()
    blob = pack(leak(invocations=tuple(asked)).to_json())
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, result_blob=blob, verdict="leak")
    run.refresh_from_db()
    return run


def test_bytes_are_unpacked_only_as_far_as_they_are_wanted():
    blob = pack(["x" * 1_000])

    assert unpack_within(blob, 2_000) == unpack(blob)
    assert unpack_within(blob, 1_000) is None


@pytest.mark.usefixtures("everything_is_large")
def test_the_part_is_made_once(large, monkeypatch):
    first = page_parts.of(large)
    monkeypatch.delattr(page_parts, "cut")

    assert page_parts.of(large) == first
    assert first.left_out.attempts.total == 300


@pytest.mark.parametrize(
    "more", ["", "/result", "/embed", "/export/page.html", "/export/issue.md", "/export/trace.json"]
)
def test_every_page_of_a_large_run_says_what_is_left_out(large, more):
    answer = Client().get(f"/r/{large.pk}{more}")

    assert answer.status_code == 200
    assert "200 of its 300 attempts at requests" in answer.text


def test_a_comparison_of_a_large_run_says_what_is_left_out(large):
    answer = Client().get(f"/compare/{large.pk}..{large.pk}")

    assert answer.text.count("200 of its 300 attempts at requests") == 2


def test_the_json_of_a_large_run_has_everything(large):
    assert len(Client().get(f"/r/{large.pk}.json").json()["invocations"]) == 300


@pytest.mark.usefixtures("everything_is_large")
def test_nothing_of_a_part_stays_when_its_run_is_emptied(large):
    page_parts.of(large)
    assert PageResult.objects.count() == 1

    hard_delete.empty([large.revision.experiment_id])

    assert not PageResult.objects.exists()


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_the_part_when_a_run_ends(make_worker):
    run = a_run()

    execution.execute(run.id, make_worker())

    run.refresh_from_db()
    assert PageResult.objects.get().run_id == run.pk
    assert page_parts.of(run).result == run.result
