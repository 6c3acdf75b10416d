"""Handlers that keep nothing and answer by chance, by the clock or by the load: none may be proven to leak.

They wait, so that their replays are played side by side, and several runs are played at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from benchmarks.proofs import LEAKS, at_once
from sandbox_runner.messages import render_all
from sandbox_runner.run.engine import Engine
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from sandbox_runner.results.model import RunResult

AT_ONCE: Final = 4
_START: Final = """import datetime, os, random, time, uuid
begun = time.monotonic()
def handler(event, context):
    time.sleep(random.uniform(0.3, 0.4))
    user = event["user"]
"""
# Each line is the end of a handler. What some answer is the other caller's own value, by chance.
ANSWERS: Final = {
    "a coin": 'return {"user": user, "side": random.choice(["heads", "tails"])}',
    "a coin in the log": 'print(random.choice(["cache hit", "cache miss"])); return user',
    "a name by chance": 'return random.choice(["alice", "bob", "carol"])',
    "an identifier": 'return {"user": user, "id": str(uuid.uuid4())}',
    "the time": 'return {"user": user, "at": datetime.datetime.now().isoformat()}',
    "how long it took": 'return {"user": user, "slow": time.monotonic() - begun > 0.4}',
    "how busy it is": 'return {"user": user, "load": round(os.getloadavg()[0])}',
    "the order of a set": 'return list({user, "alice", "bob", "carol"})',
    "a sample": 'return random.sample([user, "alice", "bob"], 2)',
    "a crash now and then": "return user if random.random() < 0.7 else 1 / 0",
}
CALLERS: Final = ("alice", "bob")


@dataclass(slots=True)
class Played:
    """What many runs came to: how many had each verdict, and what was wrongly proven.

    ``failed`` are the runs that had none, ``at_once`` is how many replays of one run were under way together at most.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    at_once: int = 0


def noise(backend_name: str, rounds: int) -> list[str]:
    """The part as lines: ``rounds`` runs of each handler, and which of them were proven to leak."""
    began = time.monotonic()
    with Engine(backend_name) as engine:
        played = play(engine, rounds)
    came_to = ", ".join(f"{count} {verdict}" for verdict, count in played.verdicts.most_common())
    said = "met" if not played.wrong else "MISSED"
    return [
        f"\nhandlers that keep nothing and answer by chance, {AT_ONCE} runs at once, {backend_name}",
        f"  {played.verdicts.total()} runs in {time.monotonic() - began:.0f} s: {came_to}",
        f"  at most {played.at_once} replays of one run at once, {len(played.failed)} runs without a verdict",
        f"  {len(played.wrong)} proven to leak   goal 0: {said}",
        *(f"    {each}" for each in (*played.wrong, *played.failed)),
    ]


def play(engine: Engine, rounds: int) -> Played:
    """Play each handler so many times, several runs at once."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for _ in range(rounds):
        for name in ANSWERS:
            waiting.put(name)
    played = Played()
    players = [threading.Thread(target=_play, args=(engine, waiting, played)) for _ in range(AT_ONCE)]
    for player in players:
        player.start()
    for player in players:
        player.join()
    return played


def _play(engine: Engine, waiting: SimpleQueue[str], played: Played) -> None:
    while True:
        try:
            name = waiting.get_nowait()
        except Empty:
            return
        try:
            result = engine.run(scenario_of(name))
        except Exception as problem:  # noqa: BLE001 - counted as what it is; the others go on
            played.failed.append(f"{name}: {problem!r}")
            continue
        played.verdicts[str(result.verdict)] += 1
        played.wrong.extend(f"{name}: {each}" for each in _proven(result))
        played.at_once = max(played.at_once, at_once(result))


def _proven(result: RunResult) -> list[str]:
    leaks = (each for each in result.findings if each.kind in LEAKS and each.confidence == "proven")
    return [render_all(each.messages) for each in leaks]


def scenario_of(name: str) -> Scenario:
    """What is played of one handler."""
    function = {
        "runtime": "python3.13",
        "handler": "app.handler",
        "files": {"app.py": f"{_START}    {ANSWERS[name]}\n"},
    }
    steps = [{"invoke": {"as": caller, "payload": {"user": caller, "number": at}}} for at, caller in enumerate(CALLERS)]
    return Scenario.model_validate({"version": 1, "function": function, "steps": steps})
