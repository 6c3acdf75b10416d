"""The playground's API as this command uses it: start a run, follow it, read what it came to."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from holdover_client.event_stream import read_messages
from sandbox_runner.errors import HoldoverError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from holdover_client.event_stream import Message
    from sandbox_runner.scenario.carried import StoredArchive
    from sandbox_runner.scenario.model import Scenario

_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 60.0
# The server says every 10 s that it is still there.
_SILENCE_S: Final = 30.0
_LOST_MAX: Final = 5
_PIECE_BYTES: Final = 1024 * 1024
# A server that answers one of these is there, but opens no stream now.
_NO_STREAM: Final = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_OVER: Final = ("finished", "failed", "cancelled")


class ServerProblem(HoldoverError):  # noqa: N818 - the emulator's own errors say who must act, and so does this
    """The server is away, is no playground, or said no; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run that the server has taken; ``claim_url`` is there where its experiment is nobody's.

    ``advice`` says what is worth mending in the scenario, and is empty where nothing is.
    """

    id: str
    url: str
    api_url: str
    claim_url: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """A live session: its run, and the function's URL while it lasts."""

    started: Started
    url: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run; the verdict is empty where it did not finish."""

    status: str
    verdict: str
    sentence: str


@dataclass(slots=True)
class _Stream:
    """How following goes: what was heard last, and how often in a row nothing was heard at all."""

    heard: str = ""
    lost: int = 0
    is_refused: bool = False

    def alive(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass ``lines`` on; each, comments included, says that the server is there."""
        for line in lines:
            self.lost = 0
            yield line


class Server:
    """One playground. A context manager.

    :param url: where its pages are.
    :param token: a person's, or empty: what is pushed then belongs to nobody.
    :param again_s: how long it waits before it takes up a broken stream.
    """

    def __init__(self, url: str, token: str = "", again_s: float = 1.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise ServerProblem(f"--url is {url!r}; write the address like http://127.0.0.1:8000")
        self._url = url.rstrip("/")
        self._again_s = again_s
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def has(self, archive: StoredArchive) -> bool:
        """Whether this zip was sent before and is still there.

        :raises ServerProblem: the server is away.
        """
        return self._client_asked("GET", self._address_of(archive)).is_success

    def send(self, archive: StoredArchive, file: BinaryIO) -> None:
        """Send a zip, so that scenarios can name it.

        :raises ServerProblem: it was not taken.
        """
        pieces = iter(lambda: file.read(_PIECE_BYTES), b"")
        headers = {"Content-Type": "application/zip", "Content-Length": str(archive.bytes)}
        answer = self._client_asked("PUT", self._address_of(archive), content=pieces, headers=headers)
        if not answer.is_success:
            raise self._refusal(answer)

    def _address_of(self, archive: StoredArchive) -> str:
        return f"{self._url}/api/v1/archives/{archive.sha256}"

    def start(self, scenario: Scenario, parent: str = "") -> Started:
        """Have ``scenario`` played.

        :param parent: the run that it is an edited copy of, or empty.
        :raises ServerProblem: it was not taken.
        """
        body = {"scenario": scenario.to_json()} | ({"parent": parent} if parent else {})
        return self._started(self._asked("POST", f"{self._url}/api/v1/runs", content=json.dumps(body)))

    def _started(self, sent: Mapping[str, Any]) -> Started:
        try:
            run, url, api_url = (str(sent[name]) for name in ("id", "url", "api_url"))
        except KeyError:
            raise self._is_no_playground() from None
        advice = sent.get("advice") or {}
        return Started(run, url, api_url, str(sent.get("claim_url", "")), str(advice.get("sentence", "")))

    def open_live(self, scenario: Scenario) -> Live:
        """Go live with the functions of ``scenario``.

        :raises ServerProblem: it was not taken.
        """
        body = json.dumps({"scenario": scenario.to_json()})
        sent = self._asked("POST", f"{self._url}/api/v1/sessions", content=body)
        return Live(self._started(sent), str(sent.get("live_url", "")))

    def end_live(self, session: Live) -> None:
        """End a session; what came is proven.

        :raises ServerProblem: the server is away, or no worker holds the session.
        """
        address = session.url.rstrip("/").rpartition("/")[2]
        self._asked("POST", f"{self._url}/api/v1/sessions/{address}/end", content="{}")

    def run(self, run_id: str) -> Started:
        """The run of that id, whether or not there is one."""
        return Started(run_id, f"{self._url}/r/{run_id}", f"{self._url}/api/v1/runs/{run_id}")

    def prove(self, run: Started, budget: Mapping[str, int]) -> Started:
        """Have the proof of ``run`` go on; returns the run that does it.

        :param budget: the most ``seconds`` and ``replays``; the server's own where one is left out.
        :raises ServerProblem: it was not taken.
        """
        return self._started(self._asked("POST", f"{run.api_url}/prove", content=json.dumps(budget)))

    def follow(self, run: Started) -> Iterator[Message]:
        """What happens in ``run``, until it is over. A connection that breaks is made again where it was.

        A server that answers is alive, however long the run waits: one line of a stream is an answer, and so is the
        run's own state where no stream can be had.

        :raises ServerProblem: the server stays away.
        """
        stream = _Stream()
        while stream.lost <= _LOST_MAX:
            stream.lost += 1
            try:
                for message in self._messages(run, stream):
                    yield message
                    if message.kind == "done":
                        return
                if stream.is_refused and self._is_over(run, stream):
                    return
            except httpx.TransportError:
                pass
            time.sleep(self._again_s)
        raise ServerProblem(f"{self._url} went away while the run was followed; it may go on at {run.url}")

    def ended(self, run: Started) -> Ended:
        """What became of ``run``, which is over.

        :raises ServerProblem: the server is away.
        """
        state = self._asked("GET", run.api_url)
        result: dict[str, Any] = state.get("result") or {}
        failure: dict[str, Any] = state.get("failure") or {}
        sentence = result.get("verdict_sentence") or failure.get("sentence") or ""
        return Ended(str(state.get("status")), str(result.get("verdict", "")), str(sentence))

    def _messages(self, run: Started, stream: _Stream) -> Iterator[Message]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": stream.heard} if stream.heard else {})
        timeout = httpx.Timeout(_SILENCE_S, connect=_CONNECT_S)
        with self._client.stream("GET", f"{run.api_url}/events", headers=headers, timeout=timeout) as answer:
            stream.is_refused = answer.status_code in _NO_STREAM
            if stream.is_refused:
                return
            if answer.status_code != httpx.codes.OK:
                answer.read()
                raise self._refusal(answer)
            for message in read_messages(stream.alive(answer.iter_lines())):
                stream.heard = message.id or stream.heard
                yield message

    def _is_over(self, run: Started, stream: _Stream) -> bool:
        """Whether the run has ended meanwhile; a server that can say either is alive."""
        answer = self._client.get(run.api_url)
        if not answer.is_success:
            return False
        stream.lost = 0
        return self._read(answer).get("status") in _OVER

    def _asked(self, method: str, url: str, *, content: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if content else {}
        answer = self._client_asked(method, url, content=content or None, headers=headers)
        if not answer.is_success:
            raise self._refusal(answer)
        return self._read(answer)

    def _client_asked(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            return self._client.request(method, url, **more)
        except httpx.ConnectError:
            raise ServerProblem(
                f"{self._url} does not answer; start a playground there with make run, or name another with --url"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise ServerProblem(f"{self._url} cannot be asked: {problem}") from None

    def _refusal(self, answer: httpx.Response) -> ServerProblem:
        if "json" not in answer.headers.get("Content-Type", ""):
            return self._is_no_playground(answer.status_code)
        problem = self._read(answer)
        return ServerProblem(f"{self._url} says no: {problem.get('detail') or answer.reason_phrase}")

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            read = answer.json()
        except ValueError:
            raise self._is_no_playground() from None
        if not isinstance(read, dict):
            raise self._is_no_playground()
        return read

    def _is_no_playground(self, status: int = 200) -> ServerProblem:
        return ServerProblem(f"{self._url} answers (status {status}), but not as a playground does; look at --url")
