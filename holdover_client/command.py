"""The command line of ``holdover``.

Exit status: 0 whatever the user's code did; 1 where ``--fail-on`` asked for it; 2 where the scenario cannot be played
as written, the server is away, or the run did not finish, with one sentence on standard error.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from holdover_client.going_live import live
from holdover_client.pushing import prove_further, push, push_again_and_again, send_zips, tell
from holdover_client.server import Server
from holdover_client.sources import source_at, variables_of
from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.cli.budget import read_budget
from sandbox_runner.cli.exit_status import run_command
from sandbox_runner.errors import UsageError
from sandbox_runner.results.grades import GRADES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox_runner.messages import Message

USUAL_URL = "http://127.0.0.1:8000"


# A run's address on its site, as a browser shows it.
_ADDRESS: Final = re.compile(r"(?P<url>https?://\S+?)/r/(?P<run>[\w-]+)(?:[/?#]\S*)?")
_ID: Final = re.compile(r"[\w-]{1,22}", re.ASCII)


def main(arguments: Sequence[str] | None = None, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["run"]:
        return _run(given, out, err)
    chosen = _parser().parse_args(given)
    act: Callable[[argparse.Namespace, TextIO, TextIO], int] = chosen.act
    return run_command(lambda out, err: act(chosen, out, err), out, err)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdover", description="Plays scenarios in a Holdover playground.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_push(commands)
    _add_live(commands)
    _add_prove(commands)
    _add_run(commands)
    return parser


def _add_push(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "push a scenario or code, follow its run, print the verdict and its address"
    command = commands.add_parser("push", help=words, description=words.capitalize() + ".")
    command.add_argument(
        "path",
        metavar="FOLDER_ZIP_OR_SCENARIO",
        help="a scenario file, a folder that has one, or a folder or zip with code alone, for two requests",
    )
    command.add_argument(
        "--function", default="", metavar="NAME", help="which function of a template; usually the first"
    )
    _add_environment(command)
    _add_shared(command)
    command.add_argument("--watch", action="store_true", help="push again whenever the scenario or its code changes")
    command.set_defaults(act=_push)


def _add_live(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "go live with code: print the function's URL, show requests as they come; Ctrl-C ends it and proves them"
    command = commands.add_parser("live", help=words, description=f"{words[0].upper()}{words[1:]}.")
    command.add_argument(
        "path", metavar="FOLDER_ZIP_OR_SCENARIO", help="as for push; the steps of a scenario are not played"
    )
    command.add_argument(
        "--function", default="", metavar="NAME", help="which function of a template; usually the first"
    )
    _add_environment(command)
    _add_shared(command)
    command.set_defaults(act=_live)


def _add_prove(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "prove the verdict of a finished run further, where its proof was cut short"
    command = commands.add_parser("prove", help=words, description=words.capitalize() + ".")
    command.add_argument("run", metavar="RUN", help="the address of the run's page, or its id")
    command.add_argument(
        "--budget", metavar="BUDGET", help="as 60 replays, 30s or 60,30s; usually as much as the playground allows"
    )
    _add_shared(command)
    command.set_defaults(act=_prove)


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """For the list of commands alone: what follows ``run`` is the emulator's own command line."""
    commands.add_parser("run", help="play scenario files on this machine, without a playground")


def _run(arguments: Sequence[str], out: TextIO | None, err: TextIO | None) -> int:
    try:
        from sandbox_runner.cli.main import main as play  # noqa: PLC0415 - the command may come without its packages
    except ModuleNotFoundError:
        return run_command(_without_emulator, out, err)
    return play(arguments, out=out, err=err, name="holdover")


def _without_emulator(_out: TextIO, _err: TextIO) -> int:
    raise UsageError("nothing that plays scenarios is installed here; install it with: pip install 'holdover[run]'")


def _add_environment(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable of the function; NAME alone takes the value that it has here; may be repeated",
    )


def _add_shared(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--url", default=os.environ.get("HOLDOVER_URL") or USUAL_URL, help=f"the playground; usually {USUAL_URL}"
    )
    command.add_argument(
        "--token",
        default=os.environ.get("HOLDOVER_TOKEN") or "",
        help="whose it is, from the page /settings/tokens; better in HOLDOVER_TOKEN than in a list of processes",
    )
    command.add_argument(
        "--fail-on", choices=[str(grade) for grade in GRADES], help="exit 1 for this verdict or a graver one"
    )


def _push(chosen: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    source = source_at(chosen.path, chosen.function, variables_of(chosen.env, os.environ))
    with tempfile.TemporaryDirectory() as folder, Server(chosen.url, chosen.token) as server:
        archives = ArchiveFolder(Path(folder))
        if chosen.watch:
            return push_again_and_again(server, source, archives, out, err, fail_on=chosen.fail_on)
        said: list[Message] = []
        scenario = source.read(said.append, archives)
        tell(said, err)
        return push(server, scenario, archives, out, err, fail_on=chosen.fail_on).status


def _live(chosen: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    source = source_at(chosen.path, chosen.function, variables_of(chosen.env, os.environ))
    with tempfile.TemporaryDirectory() as folder, Server(chosen.url, chosen.token) as server:
        archives = ArchiveFolder(Path(folder))
        said: list[Message] = []
        scenario = source.read(said.append, archives)
        tell(said, err)
        send_zips(server, scenario, archives, err)
        return live(server, scenario, out, err, fail_on=chosen.fail_on)


def _prove(chosen: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    budget = read_budget(chosen.budget)
    named = _ADDRESS.fullmatch(chosen.run)
    url, run_id = (named["url"], named["run"]) if named else (chosen.url, chosen.run)
    if not _ID.fullmatch(run_id):
        raise UsageError(f"{run_id!r} names no run; give the address of its page, or its id")
    with Server(url, chosen.token) as server:
        return prove_further(server, run_id, budget, out, err, fail_on=chosen.fail_on)
