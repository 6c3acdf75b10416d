"""Handlers as plain functions, played as a run and in replays: what a real sandbox would do, without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import Event, StateCaptured
from sandbox_runner.proof.lanes import Lanes
from sandbox_runner.proof.prover import prove
from sandbox_runner.proof.replays import ProofBudget, Replay, ReplayAnswer
from sandbox_runner.verdict import Judgement, judge
from tests.fakes.clock import FakeClock
from tests.sandbox_runner.verdict.built_runs import BuiltRun

# Makes the handler of a fresh environment. It is given the payload and what to log with; an exception is its failure.
Fresh = Callable[[], Callable[[Any, Callable[[str], None]], Any]]


class HandlerReplayer:
    """Plays ``fresh()``; keeps ``(purpose, indexes, payloads)`` of each replay."""

    def __init__(self, fresh: Fresh) -> None:
        self.played: list[tuple[str, tuple[int, ...], list[Any]]] = []
        self._fresh = fresh

    async def play(self, requests, *, probe, purpose, round, restored=()):  # noqa: A002 - the contract's name
        handler = self._fresh()
        payloads = [json.loads(request.payload) for request in requests]
        self.played.append((purpose, tuple(request.index for request in requests), payloads))
        answers = tuple(
            _answer(handler, request.index, payload, f"replay-{len(self.played)}-{request.index}")
            for request, payload in zip(requests, payloads, strict=True)
        )
        walked = (0, *(request.index for request in requests)) if probe else ()
        states = tuple(StateCaptured(after_index=index, leaves=(), nodes=0, truncated=False) for index in walked)
        return Replay(purpose, round, answers, states)

    def count(self, purpose: str) -> int:
        return sum(played == purpose for played, *_ in self.played)


def _answer(handler, index, payload, request_id) -> ReplayAnswer:
    lines: list[str] = []
    try:
        text, outcome = json.dumps(handler(payload, lines.append)), "success"
    except Exception as failure:  # noqa: BLE001 - a handler's failure is an answer
        text, outcome = json.dumps({"errorMessage": str(failure)}), "function-error"
    return ReplayAnswer(index, request_id, outcome, "", text, log=tuple(lines))


def proved(
    fresh: Fresh, *requests: tuple[Any, str | None], replays=60, at_once=1, app="x = 1\n"
) -> tuple[Judgement, HandlerReplayer, list[Event]]:
    """The verdict on ``requests``, one after the other in one environment, with the replays behind it.

    :param at_once: how many replays are played side by side, each with what the proof most likely asks for next.
    """
    run, handler = BuiltRun(*requests, app=app), fresh()
    for index, (payload, _) in enumerate(requests, start=1):
        answer = _answer(handler, index, payload, f"id-of-{index}")
        run.answered(index, answer.response.encode(), log=answer.log, outcome=answer.outcome)
    log = EventLog(FakeClock())
    for event in run.events:
        log.append(event.record, environment=event.environment, request_id=event.request_id)
    replayer = HandlerReplayer(fresh)
    with Lanes(at_once, lambda: 100_000).taken(128) as pace:
        asyncio.run(prove(run.scenario, log, replayer, ProofBudget(10.0, replays), pace))
    return judge(run.scenario, log.events), replayer, list(log.events)
