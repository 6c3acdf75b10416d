"""A live session: what its way from order to answer takes over a scenario's, played in turns; and twenty at once.

A client on this machine sends warm requests to a session of the product, one after the other on one connection. A
scenario's are read from the engine's own events, from the arrival at the service to the answer. So what a session
adds is the web process, the broker, the worker's threads, and whatever else the page has done meanwhile.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from benchmarks.figures import Ratio, heading
from benchmarks.verdict import product
from benchmarks.warm import Timed
from sandbox_runner.events.records import RequestAnswered, RequestArrived
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.events.records import Event
    from sandbox_runner.scenario.model import Scenario

AT_ONCE: Final = 20
# A session takes a hundred requests.
_REQUESTS: Final = 90
_WARM_OF_EACH: Final = 4
_WAIT_S: Final = 120.0
_LOOK_S: Final = 0.1
_CODE: Final = """
seen = []

def handler(event, context):
    seen.append(event)
    return {"statusCode": 200, "body": str(len(seen))}
"""


def live(backend_name: str, rounds: int) -> Iterator[str]:
    """The part as lines."""
    with product(backend_name, HOLDOVER_LIVE_SESSIONS_PER_CLIENT=str(AT_ONCE)) as url:
        yield from _added(backend_name, url, rounds)
        yield from _at_once(backend_name, url)


def _scenario(requests: int) -> Scenario:
    function = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": _CODE}}
    return parse_scenario({"function": function, "steps": [{"invoke": {}}] * requests})


# --- one session ------------------------------------------------------------------------------------------------------


def _added(backend_name: str, url: str, rounds: int) -> list[str]:
    block = max(1, _REQUESTS // rounds)
    ours, scenarios = Timed("live: request sent -> answer read"), Timed("scenario: request arrived -> answered")
    client = Client(_opened(url))
    with Engine(backend_name) as engine:
        client.ask()
        for _ in range(min(rounds, _REQUESTS)):
            scenarios.blocks.append(_warm_of(engine, block))
            client.connect_anew()
            ours.blocks.append([client.ask() for _ in range(block)])
    _ended(client)
    shown = ours.measured(), scenarios.measured()
    added_ms = shown[0].percentile(0.5) - shown[1].percentile(0.5)
    return [
        heading(f"a live request, {backend_name}, {rounds} rounds of {block} in turns"),
        *(each.line() for each in shown),
        Ratio(*shown).line(),
        f"  added by a session: {added_ms:.1f} ms (of the medians)",
    ]


def _warm_of(engine: Engine, count: int) -> list[float]:
    """Microseconds of so many warm requests of one run."""
    arrived, took = {}, []

    def note(event: Event) -> None:
        if isinstance(event.record, RequestArrived):
            arrived[event.record.index] = event.at_us
        elif isinstance(event.record, RequestAnswered) and event.record.index > 1:
            took.append(float(event.at_us - arrived[event.record.index]))

    engine.run(_scenario(count + 1), sink=note, options=RunOptions(prove=False))
    return took


# --- twenty -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Crowd:
    """What clients of different sessions saw."""

    first: Timed = field(default_factory=lambda: Timed("first request of each session, cold"))
    warm: Timed = field(default_factory=lambda: Timed("the others, warm"))
    failures: list[str] = field(default_factory=list)


def _at_once(backend_name: str, url: str) -> list[str]:
    began = time.monotonic()
    clients = [Client(_opened(url)) for _ in range(AT_ONCE)]
    opened_s = time.monotonic() - began
    crowd = _Crowd()
    crowd.first.begin()
    crowd.warm.begin()
    threads = [threading.Thread(target=_use, args=(client, crowd)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used_s = time.monotonic() - began - opened_s
    for client in clients:
        try:
            _ended(client)
        except RuntimeError as problem:
            crowd.failures.append(str(problem))
    verdicts = Counter(_verdict(client) for client in clients)
    whole_s = time.monotonic() - began
    return [
        heading(f"{AT_ONCE} sessions at once, {backend_name}, each with {1 + _WARM_OF_EACH} requests"),
        crowd.first.measured().line(),
        crowd.warm.measured().line(),
        f"  all open after {opened_s:.1f} s, all answered {used_s:.1f} s later, all proven after {whole_s:.0f} s",
        f"  {len(crowd.failures)} requests failed; {', '.join(f'{many} {said}' for said, many in verdicts.items())}",
        *(f"  failed: {each}" for each in crowd.failures[:3]),
    ]


def _use(client: Client, crowd: _Crowd) -> None:
    try:
        crowd.first.add(client.ask())
        for _ in range(_WARM_OF_EACH):
            crowd.warm.add(client.ask())
    except (OSError, RuntimeError, http.client.HTTPException) as problem:
        crowd.failures.append(repr(problem))


# --- the product's API ------------------------------------------------------------------------------------------------


class Client:
    """A client of one session on a connection of its own."""

    def __init__(self, opened: dict[str, Any]) -> None:
        self.opened = opened
        self._path = urlsplit(opened["live_url"]).path
        self._connection = http.client.HTTPConnection(urlsplit(opened["live_url"]).netloc, timeout=_WAIT_S)
        self._asked = 0

    def connect_anew(self) -> None:
        """Use another connection from the next request on: a server closes one that is idle."""
        self._connection.close()

    def ask(self) -> float:
        """One request; microseconds until its answer was read.

        :raises RuntimeError: the answer is another than that of an environment that has had all requests before.
        """
        self._asked += 1
        sent = time.monotonic_ns()
        self._connection.request("GET", f"{self._path}?n={self._asked}")
        answer = self._connection.getresponse()
        body = answer.read()
        took = (time.monotonic_ns() - sent) / 1000
        if (answer.status, body) != (200, str(self._asked).encode()):
            raise RuntimeError(f"answered {answer.status}: {body[:100]!r}")
        return took


def _opened(url: str) -> dict[str, Any]:
    """A session that takes requests."""
    opened = _told(f"{url}/api/v1/sessions", json.dumps({"scenario": _scenario(1).to_json()}).encode())
    until = time.monotonic() + _WAIT_S
    while _told(opened["api_url"])["status"] != "running":
        if time.monotonic() > until:
            raise RuntimeError("a session did not begin")
        time.sleep(_LOOK_S)
    return opened


def _ended(client: Client) -> None:
    address = client.opened["live_url"].rstrip("/").rpartition("/")[2]
    root = client.opened["live_url"].partition("/live/")[0]
    _told(f"{root}/api/v1/sessions/{address}/end", b"")


def _verdict(client: Client) -> str:
    until = time.monotonic() + 10 * _WAIT_S
    while (told := _told(client.opened["api_url"]))["status"] in {"running", "proving"}:
        if time.monotonic() > until:
            return "none in time"
        time.sleep(1)
    return str(told["result"]["verdict"] if told["result"] else told["failure"] or told["status"])


def _told(url: str, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_WAIT_S) as answer:
            told: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"{url} answered {refused.code}: {refused.read(300)!r}") from refused
    return told
