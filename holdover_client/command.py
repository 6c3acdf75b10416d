"""The command line of ``holdover``.

Exit status: 0 whatever the user's code did; 1 where ``--fail-on`` asked for it; 2 where the scenario cannot be played
as written, the server is away, or the run did not finish, with one sentence on standard error.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, TextIO

from holdover_client.pushing import push, push_again_and_again, tell
from holdover_client.server import Server
from holdover_client.sources import source_at
from sandbox_runner.cli.exit_status import run_command
from sandbox_runner.results.grades import GRADES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox_runner.messages import Message

USUAL_URL = "http://127.0.0.1:8000"


def main(arguments: Sequence[str] | None = None, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run one command; returns the exit status."""
    chosen = _parser().parse_args(arguments)
    return run_command(lambda out, err: _push(chosen, out, err), out, err)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdover", description="Plays scenarios in a Holdover playground.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
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
    command.add_argument(
        "--url", default=os.environ.get("HOLDOVER_URL") or USUAL_URL, help=f"the playground; usually {USUAL_URL}"
    )
    command.add_argument(
        "--token",
        default=os.environ.get("HOLDOVER_TOKEN") or "",
        help="whose it is, from the page /settings/tokens; better in HOLDOVER_TOKEN than in a list of processes",
    )
    command.add_argument("--watch", action="store_true", help="push again whenever the scenario or its code changes")
    command.add_argument(
        "--fail-on", choices=[str(grade) for grade in GRADES], help="exit 1 for this verdict or a graver one"
    )
    return parser


def _push(chosen: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    source = source_at(chosen.path, chosen.function)
    with Server(chosen.url, chosen.token) as server:
        if chosen.watch:
            return push_again_and_again(server, source, out, err, fail_on=chosen.fail_on)
        said: list[Message] = []
        scenario = source.read(said.append)
        tell(said, err)
        return push(server, scenario, out, err, fail_on=chosen.fail_on).status
