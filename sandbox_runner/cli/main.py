"""The command line: play scenario files, check this machine, print the schemas.

Exit status: 0 whatever the user's code did; 1 if ``--fail-on`` matched; 2 if a scenario cannot be played as written or
something on our side failed, with one sentence on standard error. With several scenarios the highest status counts, and
every scenario is played.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, TextIO

from sandbox_runner.backends import NAMES
from sandbox_runner.backends.doctor import Level, diagnose
from sandbox_runner.cli import diagram
from sandbox_runner.cli import run as cli_run
from sandbox_runner.cli.exit_status import OK, VERDICT, run_command
from sandbox_runner.messages import LANGUAGES, Language, language_of
from sandbox_runner.results.grades import GRADES
from sandbox_runner.results.model import RunResult
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(
    arguments: Sequence[str] | None = None,
    *,
    out: TextIO | None = None,
    err: TextIO | None = None,
    name: str = "python -m sandbox_runner",
) -> int:
    """Run one command; returns the exit status. ``name`` is what it was called by, for what it says of its use."""
    chosen = _parser(name).parse_args(arguments)
    chosen.language = chosen.lang or _language()

    def command(out: TextIO, err: TextIO) -> int:
        return int(chosen.command(chosen, out, err))

    return run_command(
        command, out, err, interrupted="interrupted; nothing was left running\n", language=chosen.language
    )


def _language() -> Language:
    """The language of the environment, by the rules of POSIX: LC_ALL, then LC_MESSAGES, then LANG."""
    return language_of(next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), ""))


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name, description="Shows what an AWS Lambda handler holds over between requests."
    )
    parser.add_argument("--lang", choices=LANGUAGES, help="the language of results; by default that of LC_ALL or LANG")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="play scenario files", description="Play scenario files."))
    for named, command, words in (
        ("doctor", _doctor, "say what this machine can do and what it lacks"),
        ("schema", _schema, "print the JSON Schemas of scenario and result"),
        ("lifecycle", _lifecycle, "print what each trigger does in each state"),
        ("diagram", _diagram, "draw docs/lifecycle.md anew from the table"),
    ):
        commands.add_parser(named, help=words, description=words.capitalize() + ".").set_defaults(command=command)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.set_defaults(command=cli_run.run)
    run.add_argument("scenarios", nargs="+", metavar="SCENARIO.yaml", help="YAML or JSON; - reads standard input")
    run.add_argument("--backend", choices=NAMES, help="the sandbox; by default the best this machine has")
    run.add_argument(
        "--json",
        action="store_true",
        help="print the RunResult as JSON; of several scenarios one line each, with file and result or problem",
    )
    run.add_argument(
        "--fail-on", choices=[str(grade) for grade in GRADES], help="exit 1 for this verdict or a graver one"
    )
    run.add_argument(
        "--prove",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="replay requests to prove the verdict (the default), or do not",
    )
    run.add_argument(
        "--budget",
        metavar="60,10s",
        help="what the proof of one scenario may use: a number of replays, seconds, or both",
    )
    run.add_argument(
        "--junit", metavar="FILE", help="write a JUnit report: a suite for each scenario, a case for each request"
    )


def _doctor(_: argparse.Namespace, out: TextIO, __: TextIO) -> int:
    found = diagnose()
    for each in found:
        out.write(f"{each.level:<7}  {each.name}: {visible(each.sentence)}\n")
        if each.level is not Level.OK and each.cure:
            out.write(f"         {visible(each.cure)}\n")
    return OK if all(each.ok for each in found) else VERDICT


def _schema(_: argparse.Namespace, out: TextIO, __: TextIO) -> int:
    schemas = {
        "scenario": Scenario.model_json_schema(),
        "result": RunResult.model_json_schema(mode="serialization"),
    }
    out.write(json.dumps(schemas, indent=2) + "\n")
    return OK


def _lifecycle(_: argparse.Namespace, out: TextIO, __: TextIO) -> int:
    out.write(diagram.table() + "\n")
    return OK


def _diagram(_: argparse.Namespace, __: TextIO, ___: TextIO) -> int:
    return diagram.main()
