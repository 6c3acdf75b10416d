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
    from collections.abc import Iterator

    from holdover_client.event_stream import Message
    from sandbox_runner.scenario import Scenario

_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 60.0
# The server says every 10 s that it is still there.
_SILENCE_S: Final = 30.0
_LOST_MAX: Final = 5
_AGAIN_S: Final = 1.0


class ServerProblem(HoldoverError):  # noqa: N818 - the emulator's own errors say who must act, and so does this
    """The server is away, is no playground, or said no; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run that the server has taken; ``claim_url`` is there where its experiment is nobody's."""

    id: str
    url: str
    api_url: str
    claim_url: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run; the verdict is empty where it did not finish."""

    status: str
    verdict: str
    sentence: str


class Server:
    """One playground. A context manager.

    :param url: where its pages are.
    :param token: a person's, or empty: what is pushed then belongs to nobody.
    """

    def __init__(self, url: str, token: str = "") -> None:
        if not url.startswith(("http://", "https://")):
            raise ServerProblem(f"--url is {url!r}; write the address like http://127.0.0.1:8000")
        self._url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def start(self, scenario: Scenario, parent: str = "") -> Started:
        """Have ``scenario`` played.

        :param parent: the run that it is an edited copy of, or empty.
        :raises ServerProblem: it was not taken.
        """
        body = {"scenario": scenario.to_json()} | ({"parent": parent} if parent else {})
        sent = self._asked("POST", f"{self._url}/api/v1/runs", content=json.dumps(body))
        try:
            return Started(str(sent["id"]), str(sent["url"]), str(sent["api_url"]), str(sent.get("claim_url", "")))
        except KeyError:
            raise self._is_no_playground() from None

    def follow(self, run: Started) -> Iterator[Message]:
        """What happens in ``run``, until it is over. A connection that breaks is made again where it was.

        :raises ServerProblem: the server stays away.
        """
        heard, lost = "", 0
        while lost <= _LOST_MAX:
            try:
                for message in self._messages(run, heard):
                    heard, lost = message.id or heard, 0
                    yield message
                    if message.kind == "done":
                        return
            except httpx.TransportError:
                pass
            lost += 1
            # The stream may be full, or the server on its way back.
            time.sleep(_AGAIN_S)
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

    def _messages(self, run: Started, heard: str) -> Iterator[Message]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": heard} if heard else {})
        timeout = httpx.Timeout(_SILENCE_S, connect=_CONNECT_S)
        with self._client.stream("GET", f"{run.api_url}/events", headers=headers, timeout=timeout) as answer:
            if answer.status_code == httpx.codes.OK:
                yield from read_messages(answer.iter_lines())
            elif answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                answer.read()
                raise self._refusal(answer)

    def _asked(self, method: str, url: str, *, content: str = "") -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if content else {}
        try:
            answer = self._client.request(method, url, content=content or None, headers=headers)
        except httpx.ConnectError:
            raise ServerProblem(
                f"{self._url} does not answer; start a playground there with make run, or name another with --url"
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise ServerProblem(f"{self._url} cannot be asked: {problem}") from None
        if not answer.is_success:
            raise self._refusal(answer)
        return self._read(answer)

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
