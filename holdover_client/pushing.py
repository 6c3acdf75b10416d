"""One push: start, follow, say what it came to; and pushing again whenever something has changed."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from watchfiles import watch

from holdover_client.server import ServerProblem
from sandbox_runner.cli.exit_status import FAILED, OK, VERDICT
from sandbox_runner.cli.terminal import Paint, headline
from sandbox_runner.errors import HoldoverError
from sandbox_runner.limits import MB
from sandbox_runner.messages import render
from sandbox_runner.results.grades import failing
from sandbox_runner.results.model import Verdict
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdover_client.server import Ended, Server, Started
    from holdover_client.sources import Source
    from sandbox_runner.bundles.archive_folder import ArchiveFolder, Archives
    from sandbox_runner.cli.budget import AskedBudget
    from sandbox_runner.messages import Message
    from sandbox_runner.scenario.model import Scenario

# A change while a run was followed is found by reading again, at the latest after that long.
_LOOK_EVERY_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Pushed:
    """The exit status that a push came to, and its run."""

    status: int
    run_id: str


def push(
    server: Server,
    scenario: Scenario,
    archives: Archives,
    out: TextIO,
    err: TextIO,
    *,
    fail_on: str | None = None,
    parent: str = "",
) -> Pushed:
    """Have ``scenario`` played and wait for its end.

    :param archives: where the zips are that it names; what the server does not have is sent.
    :raises ServerProblem: the server is away, or does not take it.
    """
    send_zips(server, scenario, archives, err)
    run = server.start(scenario, parent)
    if run.claim_url:
        sentence = f"it has no owner yet; to rename, share or delete it, open {run.claim_url}"
        err.write(f"{visible(sentence)}\n")
    if run.advice:
        err.write(f"{visible(run.advice)}\n")
    return said(run, followed(server, run, err), out, err, fail_on)


def send_zips(server: Server, scenario: Scenario, archives: Archives, err: TextIO) -> None:
    """Send the zips that ``scenario`` names and the server does not have.

    :raises ServerProblem: the server is away, or does not take one.
    """
    line = _Line(err)
    for each in scenario.archives:
        if not server.has(each):
            line.show(f"sending {each.name}, {-(-each.bytes // MB)} MB")
            with archives.open(each) as file:
                server.send(each, file)
            line.clear()


def prove_further(
    server: Server, run_id: str, budget: AskedBudget, out: TextIO, err: TextIO, *, fail_on: str | None = None
) -> int:
    """Have the proof of a run go on within ``budget`` and wait for its end; returns the exit status.

    :raises ServerProblem: the server is away, or does not take it.
    """
    asked: dict[str, int] = {}
    if budget.seconds is not None:
        asked["seconds"] = math.ceil(budget.seconds)
    if budget.replays is not None:
        asked["replays"] = budget.replays
    run = server.run(run_id)
    ended = followed(server, server.prove(run, asked), err)
    return said(run, ended, out, err, fail_on).status


def followed(server: Server, run: Started, err: TextIO) -> Ended:
    """What became of ``run``, once it is over."""
    line = _Line(err)
    for message in server.follow(run):
        line.show(str(message.data.get("now") or message.data.get("status") or ""))
    line.clear()
    return server.ended(run)


def said(run: Started, ended: Ended, out: TextIO, err: TextIO, fail_on: str | None) -> Pushed:
    """Write what came of it, and where ``run`` is to be seen."""
    if ended.status != "finished" or ended.verdict not in list(Verdict):
        out.write(f"{visible(run.url)}\n")
        why = f": {ended.sentence}" if ended.sentence else ""
        err.write(f"{visible(f'the run is {ended.status} and has no verdict{why}')}\n")
        return Pushed(FAILED, run.id)
    verdict = Verdict(ended.verdict)
    out.write(f"{headline(verdict, ended.sentence, Paint(out.isatty()))}\n{visible(run.url)}\n")
    out.flush()
    return Pushed(VERDICT if verdict in failing(fail_on) else OK, run.id)


def push_again_and_again(
    server: Server, source: Source, archives: ArchiveFolder, out: TextIO, err: TextIO, *, fail_on: str | None = None
) -> int:
    """Push now and after every change, until somebody interrupts it; returns the last push's exit status."""
    status, run_id = OK, ""
    try:
        for scenario in _versions(source, archives, err):
            try:
                pushed = push(server, scenario, archives, out, err, fail_on=fail_on, parent=run_id)
                status, run_id = pushed.status, pushed.run_id
            except ServerProblem as problem:
                err.write(f"{visible(str(problem))}\n")
                status = FAILED
            err.write("watching for changes; Ctrl-C ends it\n")
            err.flush()
    except KeyboardInterrupt:
        err.write("\n")
    return status


def _versions(source: Source, archives: ArchiveFolder, err: TextIO) -> Iterator[Scenario]:
    """The scenario as it is now, and every time that it has become another one."""
    known: Scenario | str | None = None
    while True:
        said: list[Message] = []
        try:
            now: Scenario | str = source.read(said.append, archives)
        except HoldoverError as problem:
            now = str(problem)
        if now != known:
            known = now
            tell(said, err)
            if isinstance(now, str):
                err.write(f"{visible(now)}\n")
                err.flush()
            else:
                yield now
                continue
        _await_change(source)


def tell(said: Iterable[Message], err: TextIO) -> None:
    """Write what was left out of a scenario, a line each."""
    err.writelines(f"{visible(render(each))}\n" for each in said)
    err.flush()


def _await_change(source: Source) -> None:
    """Return when something changed beside the scenario, or after a moment: its code may lie elsewhere."""
    try:
        next(watch(source.watched, rust_timeout=_LOOK_EVERY_MS, yield_on_timeout=True))
    except FileNotFoundError:
        # The folder went away, as editors and version control do for a moment.
        time.sleep(_LOOK_EVERY_MS / 1000)


class _Line:
    """One line on a terminal that is written over; elsewhere nothing: a log needs no progress."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def show(self, text: str) -> None:
        if self._stream is not None and text:
            self._stream.write(f"\r\x1b[K{visible(text)[:100]}")
            self._stream.flush()

    def clear(self) -> None:
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
