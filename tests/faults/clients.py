"""Clients at the same time: one submits runs, one follows each run, two read pages; they note what they get."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle

import httpx

from holdover_client.event_stream import read_messages
from tests.builders import idle, invoke, scenario

HANG_S = 5.0
GIVE_UP_S = 12.0
SUBMIT_EVERY_S = 3.0
# While so many runs go on, the next one waits that long.
OPEN_MAX = 3
FULL_S = 6.0
READ_EVERY_S = 0.7
SLOW = (
    "import time\n\n\ndef handler(event, context):\n    time.sleep(event['s'])\n    print('slept')\n    return event\n"
)
KEEPING = "kept = {}\n\n\ndef handler(event, context):\n    return kept.setdefault('m', event['m'])\n"
# Each is proven by a few replays: the more runs there are, the more a fault can hit.
SCENARIOS = (
    scenario(invoke({"m": "alice-7Qx"}, "a"), invoke({"m": "bob-91Kz"}, "b"), files={"app.py": KEEPING}),
    scenario(invoke({"s": 2}, "a"), invoke({"s": 1}, "b"), files={"app.py": SLOW}, timeout_s=10),
    scenario(invoke({"m": "carol-2Fm"}, "a"), idle("2s"), invoke({"m": "dave-64Pw"}, "b"), files={"app.py": KEEPING}),
)
FINE = {200, 202, 302}
AWAY = {429, 503}


@dataclass(frozen=True)
class Answer:
    """One answer, or that there was none: ``status`` 0."""

    kind: str
    status: int
    began: float
    ended: float
    sentence: str = ""
    retry_after: str = ""

    @property
    def seconds(self):
        return self.ended - self.began

    def problem(self, setup):
        """What is wrong with it, or nothing."""
        if setup.was_silent(self.began, self.ended):
            return "" if self.status in FINE | AWAY | {0} else f"{self.kind}: {self.status} {self.sentence}"
        if self.status == 0:
            return f"{self.kind}: no answer, {self.sentence} after {self.seconds:.1f} s"
        if self.status in AWAY and not self.retry_after and self.kind not in {"readyz", "healthz"}:
            return f"{self.kind}: {self.status} without Retry-After"
        if self.status not in FINE | AWAY:
            return f"{self.kind}: {self.status} {self.sentence}"
        return f"{self.kind}: {self.status} after {self.seconds:.1f} s" if self.seconds > HANG_S else ""


@dataclass
class Accepted:
    """A run that was accepted, and what its follower heard."""

    id: str
    api_url: str
    steps: int
    at: float
    messages: list = field(default_factory=list)
    connections: int = 0
    silence_s: float = 0.0
    done: dict | None = None

    def last_attempt(self):
        """The numbers of the events after the last ``running``, in the order in which they came."""
        numbers = []
        for message in self.messages:
            if message.kind == "status" and message.data.get("status") == "running":
                numbers = []
            elif message.kind == "events":
                numbers += [event["seq"] for event in message.data["events"]]
        return numbers


class Load:
    """The clients. A context manager; at its end nobody submits and reads any more, followers go on to the end.

    :param runs: how many are to be accepted at the least; five times as many at the most.
    """

    def __init__(self, setup, runs, rng):
        self.setup = setup
        self.accepted = []
        self.answers = []
        self._runs = runs
        self._rng = rng
        self._submitting_over = threading.Event()
        self._reading_over = threading.Event()
        self._following_over = threading.Event()
        self._open = {}
        self._threads = [
            threading.Thread(target=self._submit, daemon=True),
            threading.Thread(target=self._read, args=(("home", "run", "readyz"),), daemon=True),
            threading.Thread(target=self._read, args=(("library", "api", "healthz"),), daemon=True),
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop_submitting()
        self._reading_over.set()
        self._following_over.set()
        self.cut_streams()
        for thread in self._threads:
            thread.join(90)

    def stop_submitting(self):
        self._submitting_over.set()
        self._threads[0].join(GIVE_UP_S * 2)

    @property
    def enough(self):
        """Whether as many as there must be were accepted."""
        return len(self.accepted) >= self._runs

    @property
    def all_heard(self):
        """Whether every follower has heard the end."""
        return all(run.done is not None for run in self.accepted)

    def cut_streams(self):
        """Every follower loses its connection."""
        for answer in list(self._open.values()):
            with contextlib.suppress(Exception):
                answer.extensions["network_stream"].get_extra_info("socket").shutdown(2)

    def ask(self, kind, method, path, **more):
        """One request, noted."""
        began, url = time.monotonic(), path if path.startswith("http") else f"{self.setup.url}{path}"
        try:
            got = httpx.request(method, url, timeout=GIVE_UP_S, **more)
        except httpx.HTTPError as error:
            self.answers.append(Answer(kind, 0, began, time.monotonic(), type(error).__name__))
            return None
        sentence = "" if got.status_code in FINE else said(got)
        again = got.headers.get("Retry-After", "")
        self.answers.append(Answer(kind, got.status_code, began, time.monotonic(), sentence, again))
        return got

    def _submit(self):
        scenarios = cycle(SCENARIOS)
        while not self._submitting_over.is_set() and len(self.accepted) < 5 * self._runs:
            going_on = sum(run.done is None for run in self.accepted)
            if going_on >= OPEN_MAX and time.monotonic() - self.accepted[-1].at < FULL_S:
                self._submitting_over.wait(0.2)
                continue
            chosen = next(scenarios)
            got = self.ask("POST", "POST", "/api/v1/runs", json={"scenario": chosen.to_json()})
            if got is not None and got.status_code == httpx.codes.ACCEPTED:
                self._take(got.json(), sum(hasattr(step, "invoke") for step in chosen.steps))
            self._submitting_over.wait(self._rng.uniform(0.3, 1) * SUBMIT_EVERY_S)

    def _take(self, sent, steps):
        run = Accepted(sent["id"], sent["api_url"], steps, time.monotonic())
        self.accepted.append(run)
        follower = threading.Thread(target=self._follow, args=(run,), daemon=True)
        self._threads.append(follower)
        follower.start()

    def _read(self, kinds):
        for kind in cycle(kinds):
            if self._reading_over.wait(READ_EVERY_S):
                return
            runs = self.accepted[-4:]
            if kind in {"run", "api"} and not runs:
                continue
            run = self._rng.choice(runs) if runs else None
            paths = {"home": "/", "library": "/library", "readyz": "/readyz", "healthz": "/healthz"}
            paths |= {"run": f"/r/{run.id}", "api": f"/api/v1/runs/{run.id}"} if run else {}
            self.ask(kind, "GET", paths[kind])

    def _follow(self, run):
        while run.done is None and not self._following_over.is_set():
            began = time.monotonic()
            try:
                self._follow_once(run, began)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                self.answers.append(Answer("events", 0, began, time.monotonic(), type(error).__name__))
            except httpx.HTTPError:
                pass  # it broke off; what follows is asked for again
            self._following_over.wait(1)

    def _follow_once(self, run, began):
        last = next((message.id for message in reversed(run.messages) if message.id), "")
        headers = {"Last-Event-ID": last} if last else {}
        timeout = httpx.Timeout(GIVE_UP_S, read=90)
        with httpx.stream("GET", f"{run.api_url}/events", headers=headers, timeout=timeout) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                again = answer.headers.get("Retry-After", "")
                self.answers.append(Answer("events", answer.status_code, began, time.monotonic(), said(answer), again))
                return
            run.connections += 1
            self._open[id(run)] = answer
            try:
                for message in read_messages(self._timed(run, answer.iter_lines())):
                    run.messages.append(message)
                    if message.kind == "done":
                        run.done = message.data
            finally:
                self._open.pop(id(run), None)

    def _timed(self, run, lines):
        heard = time.monotonic()
        for line in lines:
            now = time.monotonic()
            if not self.setup.was_silent(heard, now):
                run.silence_s = max(run.silence_s, now - heard)
            heard = now
            yield line


def said(answer):
    """The sentence of a refusal, or the names of what is away."""
    with contextlib.suppress(ValueError, AttributeError):
        found = answer.json()
        away = found.get("away") or [name for name, is_there in found.items() if is_there is False]
        return str(found.get("detail") or f"away: {', '.join(away)}")[:200]
    return " ".join(answer.text.split("<h1>")[-1].split("</h1>")[0].split())[:120]
