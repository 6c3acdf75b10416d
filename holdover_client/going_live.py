"""A live session from the command line: open it, show each request as it comes, end it, say what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TextIO

from holdover_client.pushing import followed, said
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from holdover_client.server import Live, Server
    from sandbox_runner.scenario.model import Scenario

_ANSWER_CHARACTERS_MAX: Final = 200


def live(server: Server, scenario: Scenario, out: TextIO, err: TextIO, *, fail_on: str | None = None) -> int:
    """Go live with the functions of ``scenario`` until somebody interrupts it or the session ends; the exit status.

    :raises ServerProblem: the server is away, or does not take it.
    """
    session = server.open_live(scenario)
    if session.started.claim_url:
        err.write(f"it has no owner yet; to rename, share or delete it, open {visible(session.started.claim_url)}\n")
    try:
        _shown(server, session, out, err)
    except KeyboardInterrupt:
        err.write("\nending the session; its requests are being proven\n")
        err.flush()
        server.end_live(session)
    return said(session.started, followed(server, session.started, err), out, err, fail_on).status


def _shown(server: Server, session: Live, out: TextIO, err: TextIO) -> None:
    """Show what comes until the session ends."""
    telling = _Telling(session, out, err)
    for message in server.follow(session.started):
        for event in message.data.get("events") or ():
            if isinstance(event, dict) and telling.tell(event):
                return


class _Telling:
    """Writes what a person reads of a session's events: a line for each answer, and the lines of its log before it."""

    def __init__(self, session: Live, out: TextIO, err: TextIO) -> None:
        self._session = session
        self._out = out
        self._err = err
        self._arrived: dict[str, dict[str, Any]] = {}

    def tell(self, event: dict[str, Any]) -> bool:
        """Write what there is of it; returns whether the session has ended."""
        record = event.get("record")
        kind = record.get("type") if isinstance(record, dict) else None
        if not isinstance(record, dict):
            return False
        request = self._arrived.setdefault(str(event.get("request_id")), {})
        if kind == "session.opened":
            url = self._session.url
            self._say(f"{url}\ncurl '{url}?message=hoge'\nexport AWS_ENDPOINT_URL_LAMBDA={url}aws")
            self._err.write("Ctrl-C ends the session and proves what came\n")
            self._err.flush()
        elif kind in {"request.arrived", "request.assigned"}:
            request.update(record)
        elif kind == "log.line":
            self._say(f"    {record.get('text')}")
        elif kind in {"request.answered", "request.throttled", "request.refused"}:
            self._answered(event, record, request)
        return kind == "session.ended"

    def _answered(self, event: dict[str, Any], record: dict[str, Any], request: dict[str, Any]) -> None:
        answer = str(record.get("response", record.get("body", "")))[:_ANSWER_CHARACTERS_MAX]
        where = f"{event.get('environment') or '-'} {request.get('start', 'none')}"
        status = record.get("status_code", 429)
        failed = f" {record['error_type']}" if record.get("error_type") else ""
        self._say(f"#{record.get('index')} {request.get('principal')}  {where}  {status}{failed}  {answer}")

    def _say(self, text: str) -> None:
        self._out.write("".join(f"{visible(line)}\n" for line in text.splitlines()))
        self._out.flush()
