"""A run's live events for programs, as server-sent events with JSON data.

The ids are the stream's own: a client that reconnects with ``Last-Event-ID`` gets what followed, without duplicates.

``status``  ``{"status"}``: where the run is now. ``running`` begins an attempt: what was said before it is void.
``events``  ``{"now", "progress", "events"}``: what happened, and what the run is doing, as a sentence and as a message.
``done``    ``{"status", "verdict", "verdict_sentence", "failure"}``: it is over, and the stream ends.

Long texts are cut in it and output over a bound is left out; the finished result has everything.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from playground.api.serializers import failure_of
from playground.i18n.marking import told
from playground.run_page import live, status_line
from playground.runs.following import after_id
from playground.runs.live_stream import LiveState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playground.experiments.models import Run
    from playground.runs.following import Followed
    from playground.runs.live_stream import Entry


def server_sent_events(run: Run, last_event_id: str, client: live.Client) -> AsyncIterator[str]:
    """The messages of one program that follows ``run``.

    :param last_event_id: what it has heard, empty at first.
    """
    return live.streamed(run.id, client, partial(_messages, last_event_id or LiveState().last_id))


class _RenderedAttempt:
    """What is told of one attempt in one language, made once for everybody who hears it."""

    def __init__(self, attempt: int) -> None:
        self.attempt = attempt
        self._state = LiveState()
        self._messages: list[tuple[bytes, str]] = []

    def after(self, last_id: str, followed: Followed) -> Sequence[tuple[bytes, str]]:
        """The messages since the entry of that id, up to now."""
        for entry in followed.entries(after=self._state.last_id):
            self._state = self._state.after([entry])
            self._messages.append((entry[0], _message(entry, self._state)))
        return after_id(self._messages, last_id)


def _rendered_attempt(followed: Followed) -> _RenderedAttempt:
    key = "told", get_language()
    told: _RenderedAttempt | None = followed.shared.get(key)
    if told is None or told.attempt != followed.attempt:
        told = followed.shared[key] = _RenderedAttempt(followed.attempt)
    return told


async def _messages(heard: str, followed: Followed) -> AsyncIterator[str]:
    await followed.begun()
    moved = False
    while True:
        if messages := _rendered_attempt(followed).after(heard, followed):
            for entry_id, text in messages:
                heard = entry_id.decode()
                yield text
            moved = True
            continue
        if followed.is_over:
            break
        if not moved:
            yield live.STILL_HERE
        moved = await followed.moved()
    if followed.run is not None:
        yield live.message("done", json.dumps(_ending(followed.run)), followed.state.last_id)


def _message(entry: Entry, state: LiveState) -> str:
    entry_id, fields = entry
    if b"mark" in fields:
        return live.message("status", json.dumps({"status": state.status}), entry_id.decode())
    doing = status_line.progress(state.events, state.status)
    said = {
        "now": told(doing) if doing else "",
        "progress": doing and doing.model_dump(mode="json"),
        "events": json.loads(fields[b"batch"]),
    }
    return live.message("events", json.dumps(said), entry_id.decode())


def _ending(run: Run) -> dict[str, Any]:
    return {
        "status": run.status,
        "verdict": run.verdict or None,
        "verdict_sentence": run.verdict_sentence or None,
        "failure": failure_of(run),
    }
