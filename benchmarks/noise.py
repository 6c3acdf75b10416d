"""Handlers that keep nothing and answer by chance, by the clock or by the load: none may be proven to leak.

They wait, so that their replays are played side by side, and several runs are played at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from benchmarks.proofs import LEAKS
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


def noise(backend_name: str, rounds: int) -> list[str]:
    """The part as lines: ``rounds`` runs of each handler, and which of them were proven to leak."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for _ in range(rounds):
        for name in ANSWERS:
            waiting.put(name)
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.monotonic()
    with Engine(backend_name) as engine:
        players = [threading.Thread(target=_play, args=(engine, waiting, verdicts, wrong)) for _ in range(AT_ONCE)]
        for player in players:
            player.start()
        for player in players:
            player.join()
    came_to = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    said = "met" if not wrong else "MISSED"
    return [
        f"\nhandlers that keep nothing and answer by chance, {AT_ONCE} runs at once, {backend_name}",
        f"  {verdicts.total()} runs in {time.monotonic() - began:.0f} s: {came_to}",
        f"  {len(wrong)} proven to leak   goal 0: {said}",
        *(f"    {each}" for each in wrong),
    ]


def _play(engine: Engine, waiting: SimpleQueue[str], verdicts: Counter[str], wrong: list[str]) -> None:
    while True:
        try:
            name = waiting.get_nowait()
        except Empty:
            return
        try:
            result = engine.run(scenario_of(name))
        except Exception as problem:  # noqa: BLE001 - counted as what it is; the others go on
            verdicts[repr(problem)] += 1
            continue
        verdicts[str(result.verdict)] += 1
        wrong.extend(f"{name}: {each}" for each in _proven(result))


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
