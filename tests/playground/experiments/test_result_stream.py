"""A large result is sent piece by piece, and is the same JSON."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.test import Client

from playground.experiments import page_parts, result_stream
from playground.experiments.models import Run, Status
from playground.experiments.result_stream import large_result
from playground.experiments.stored_json import pack
from sandbox_runner.events.records import AccountCalled, Event, LogWritten
from sandbox_runner.results.telling import told
from tests.playground.run_results import leak, log_entry
from tests.playground.stored import a_run

pytestmark = pytest.mark.django_db


async def _joined(pieces):
    return [piece async for piece in pieces]


def read(pieces):
    return asyncio.run(_joined(pieces))


@pytest.fixture
def stored(monkeypatch):
    """A finished run whose result is large, in pieces that are small."""
    monkeypatch.setattr(result_stream, "READ_WHOLE_MAX", 10)
    monkeypatch.setattr(result_stream, "BLOCK_BYTES", 500)
    monkeypatch.setattr(result_stream, "PIECE_CHARACTERS", 500)
    run = a_run()
    # A key that looks like the place where the rest begins, and a number at the end of a piece.
    line = log_entry('","service_time_compressed":true,"' + "x" * 3_000, 1)
    secret = AccountCalled(
        service="secretsmanager",
        operation="GetSecretValue",
        parameters="{}",
        answer='{"SecretString": "hunter2"}',
        status_code=200,
        request_bytes=2,
        answer_bytes=27,
        took_us=1,
    )
    called = tuple(Event(seq=seq, at_us=12, service_at_us=12, record=secret) for seq in range(1, 40))
    # A text that looks like such a call.
    said = LogWritten(stream="stdout", text='"record":{"type":"account.called"')
    heard = Event(seq=40, at_us=12, service_at_us=12, record=said)
    events = (*leak().events, *called, heard, *called[:3])
    run.result_blob = pack(leak(log=(line,) * 20, events=events).to_json())
    Run.objects.filter(pk=run.pk).update(status=Status.FINISHED, result_blob=run.result_blob)
    return run


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pieces_are_the_told_result(stored, language):
    pieces = read(large_result(stored, language))

    assert json.loads(b"".join(pieces)) == told(stored.result_json, language)
    assert len(pieces) > 20
    assert b"hunter2" not in b"".join(pieces)


def test_a_page_and_the_api_send_it_so(stored):
    page, api = (Client().get(where) for where in (f"/r/{stored.pk}.json", f"/api/v1/runs/{stored.pk}"))

    assert page.streaming
    assert api.streaming
    result = told(stored.result_json, "en")
    assert json.loads(b"".join(read(page.streaming_content))) == result
    said = json.loads(b"".join(read(api.streaming_content)))
    assert (said["result"], said["status"], said["id"]) == (result, "finished", stored.pk)


def test_a_result_that_is_short_or_of_an_early_version_is_made_whole(stored, monkeypatch):
    stored.result_blob = pack(stored.result_json | {"version": 1})
    assert large_result(stored, "en") is None

    monkeypatch.setattr(result_stream, "READ_WHOLE_MAX", page_parts.READ_WHOLE_MAX)
    stored.refresh_from_db()
    assert large_result(stored, "en") is None


def test_a_result_whose_end_is_lost_is_an_error(stored):
    stored.result_blob = stored.result_blob[:-40]

    with pytest.raises(ValueError, match="ends before"):
        read(large_result(stored, "en"))
