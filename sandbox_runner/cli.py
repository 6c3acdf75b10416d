"""The command line: play a scenario file, say what this machine lacks, print the contracts.

Exit status: 0 whatever the user's code did; 1 where ``--fail-on`` asked for it; 2 where the scenario cannot be
played as written or something on our side failed, with one sentence on standard error.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sandbox_runner import diagram, limits
from sandbox_runner.backends import NAMES
from sandbox_runner.backends.doctor import diagnose
from sandbox_runner.cli_text import Paint, render
from sandbox_runner.engine import run_scenario
from sandbox_runner.errors import HoldoverError, ScenarioError
from sandbox_runner.results import RunResult, Verdict
from sandbox_runner.runner import RunOptions
from sandbox_runner.scenario import Scenario
from sandbox_runner.scenario_text import read_scenario
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, VERDICT, FAILED, INTERRUPTED = 0, 1, 2, 130

# From the gravest to the mildest; --fail-on names the mildest that still fails.
_GRADES = (Verdict.LEAK, Verdict.HISTORY_DEPENDENT, Verdict.RETAINED)


def main(arguments: Sequence[str] | None = None, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run one command; returns the exit status."""
    out, err = out or _forgiving(sys.stdout), err or _forgiving(sys.stderr)
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.command(chosen, out))
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        err.write("interrupted; nothing was left running\n")
        return INTERRUPTED
    except HoldoverError as problem:
        err.write(f"{visible(str(problem))}\n")
        return FAILED


def _forgiving(stream: TextIO) -> TextIO:
    """``stream``, escaping what its encoding cannot say instead of failing on it."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox_runner", description="Shows what an AWS Lambda handler holds over between requests."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="play a scenario file", description="Play a scenario file.")
    run.set_defaults(command=_run)
    run.add_argument("scenario", metavar="SCENARIO.yaml", help="YAML or JSON; - reads standard input")
    run.add_argument("--backend", choices=NAMES, help="the sandbox; by default the best this machine has")
    run.add_argument("--json", action="store_true", help="print the RunResult as JSON")
    run.add_argument(
        "--fail-on", choices=[str(grade) for grade in _GRADES], help="exit 1 for this verdict or a graver one"
    )
    run.add_argument("--no-prove", action="store_true", help="do not replay requests to prove the verdict")
    for name, command, words in (
        ("doctor", _doctor, "say what this machine can do and what it lacks"),
        ("schema", _schema, "print the JSON Schemas of scenario and result"),
        ("lifecycle", _lifecycle, "print what each trigger does in each state"),
        ("diagram", _diagram, "draw docs/lifecycle.md anew from the table"),
    ):
        commands.add_parser(name, help=words, description=words.capitalize() + ".").set_defaults(command=command)
    return parser


def _run(chosen: argparse.Namespace, out: TextIO) -> int:
    scenario = _scenario(chosen.scenario)
    result = run_scenario(scenario, chosen.backend, options=RunOptions(prove=not chosen.no_prove))
    if chosen.json:
        out.write(json.dumps(result.to_json()) + "\n")
    else:
        out.write(render(result, Paint(out.isatty())))
    return exit_status(result, chosen.fail_on)


def exit_status(result: RunResult, fail_on: str | None) -> int:
    """0, or 1 where the verdict is ``fail_on`` or graver."""
    failing = _GRADES[: _GRADES.index(Verdict(fail_on)) + 1] if fail_on else ()
    return VERDICT if result.verdict in failing else OK


def _scenario(name: str) -> Scenario:
    if name == "-":
        return read_scenario(_decoded(sys.stdin.buffer.read(limits.SCENARIO_BYTES_MAX + 1), name), base=Path.cwd())
    path = Path(name)
    try:
        with path.open("rb") as file:
            data = file.read(limits.SCENARIO_BYTES_MAX + 1)
    except OSError as problem:
        raise ScenarioError(f"the scenario file {name} cannot be read: {problem.strerror}") from None
    return read_scenario(_decoded(data, name), base=path.parent)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"the scenario file {name} is not UTF-8 text; save it as UTF-8") from None


def _doctor(_: argparse.Namespace, out: TextIO) -> int:
    found = diagnose()
    for each in found:
        out.write(f"{'ok     ' if each.ok else 'missing'}  {each.name}: {visible(each.sentence)}\n")
        if not each.ok and each.cure:
            out.write(f"         {visible(each.cure)}\n")
    return OK if all(each.ok for each in found) else VERDICT


def _schema(_: argparse.Namespace, out: TextIO) -> int:
    schemas = {
        "scenario": Scenario.model_json_schema(),
        "result": RunResult.model_json_schema(mode="serialization"),
    }
    out.write(json.dumps(schemas, indent=2) + "\n")
    return OK


def _lifecycle(_: argparse.Namespace, out: TextIO) -> int:
    out.write(diagram.table() + "\n")
    return OK


def _diagram(_: argparse.Namespace, __: TextIO) -> int:
    return diagram.main()
