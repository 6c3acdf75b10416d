"""The ``run`` command: reads scenario files, plays them in turn and prints the results."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sandbox_runner import limits, messages
from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.cli import junit
from sandbox_runner.cli.budget import read_budget
from sandbox_runner.cli.exit_status import FAILED, OK, VERDICT
from sandbox_runner.cli.interrupts import ProofInterrupts
from sandbox_runner.cli.junit import Played
from sandbox_runner.cli.terminal import Paint, render, summary
from sandbox_runner.errors import BackendUnavailable, HoldoverError, ScenarioError, UsageError
from sandbox_runner.image.paths import data_dir
from sandbox_runner.results.grades import failing
from sandbox_runner.results.telling import told
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.file import read_scenario_file
from sandbox_runner.untrusted_text import visible
from sandbox_runner.verdict.evidence.values_alike import warning

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from sandbox_runner.messages import Language, Message
    from sandbox_runner.results.model import RunResult
    from sandbox_runner.scenario.model import Scenario


def run(chosen: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    """Play every scenario in ``chosen``; returns the exit status.

    :raises UsageError: the options contradict each other, or the report cannot be written.
    """
    options = _options(chosen)
    if chosen.junit:
        # Checked before anything is played: a report that cannot be written should not cost a run.
        _write(chosen.junit, junit.report((), None))
    several = len(chosen.scenarios) > 1
    played = []
    for one in _all_played(chosen, options, err):
        played.append(one)
        _say(one, chosen, out, err, several=several)
    if several and not chosen.json:
        out.write(summary(played, chosen.fail_on, Paint(out.isatty()), chosen.language))
    if chosen.junit:
        _write(chosen.junit, junit.report(played, chosen.fail_on, chosen.language))
    return max(exit_status(one.result, chosen.fail_on) for one in played)


def exit_status(result: RunResult | None, fail_on: str | None) -> int:
    """0, or 1 if the verdict is ``fail_on`` or worse, or 2 if there is no result."""
    if result is None:
        return FAILED
    return VERDICT if result.verdict in failing(fail_on) else OK


def _options(chosen: argparse.Namespace) -> RunOptions:
    if chosen.budget is not None and not chosen.prove:
        raise UsageError("--budget is for the proof, which --no-prove leaves out; drop one of them")
    budget = read_budget(chosen.budget)
    return RunOptions(
        prove=chosen.prove, proof_s=budget.seconds, proof_replays=budget.replays or limits.PROOF_REPLAYS_DEFAULT
    )


def _all_played(chosen: argparse.Namespace, options: RunOptions, err: TextIO) -> Iterator[Played]:
    """Play each in turn; one that cannot be read or played does not stop the others."""
    with tempfile.TemporaryDirectory() as folder:
        beside = dict.fromkeys(Path(name).parent for name in chosen.scenarios)
        archives = ArchiveFolder(Path(folder), data_dir() / "archives", *beside)
        yield from _played_with(archives, chosen, replace(options, archives=archives), err)


def _played_with(
    archives: ArchiveFolder, chosen: argparse.Namespace, options: RunOptions, err: TextIO
) -> Iterator[Played]:
    names, language = chosen.scenarios, chosen.language
    left = {name: _read(name, archives, language, err) for name in names}
    if all(isinstance(each, Played) for each in left.values()):
        yield from (each for each in left.values() if isinstance(each, Played))
        return
    try:
        with Engine(chosen.backend, pool=False) as engine:
            for name in dict.fromkeys(names):
                scenario = left.pop(name)
                if isinstance(scenario, Played):
                    yield scenario
                else:
                    yield _played(engine, name, scenario, options, language, err=err)
    except BackendUnavailable as problem:
        said = problem.told(language)
        yield from (each if isinstance(each, Played) else Played(name, problem=said) for name, each in left.items())


def _read(name: str, archives: ArchiveFolder, language: Language, err: TextIO) -> Scenario | Played:
    def tell(said: Message) -> None:
        _write_line(err, messages.render(said, language))

    try:
        scenario = read_scenario_file(name, tell, archives)
    except ScenarioError as problem:
        return Played(name, problem=problem.told(language))
    if advice := warning(scenario):
        tell(advice)
    return scenario


def _played(
    engine: Engine, name: str, scenario: Scenario, options: RunOptions, language: Language, *, err: TextIO
) -> Played:
    interrupts = ProofInterrupts(err)
    try:
        with interrupts.heard():
            result = engine.run(scenario, sink=interrupts.sink, cancellation=interrupts.cancellation, options=options)
        return Played(name, result)
    except HoldoverError as problem:
        return Played(name, problem=problem.told(language))


def _write_line(err: TextIO, text: str) -> None:
    err.write(f"{visible(text)}\n")


def _say(one: Played, chosen: argparse.Namespace, out: TextIO, err: TextIO, *, several: bool) -> None:
    paint = Paint(out.isatty())
    if one.result is None:
        prefix = f"{one.name}: " if several else ""
        err.write(f"{visible(prefix + one.problem)}\n")
    elif not chosen.json:
        out.write(
            (f"{paint(visible(one.name), '1')}\n" if several else "") + render(one.result, paint, chosen.language)
        )
        out.write("\n" if several else "")
    if chosen.json and several:
        came_to = (
            {"problem": one.problem} if one.result is None else {"result": told(one.result.to_json(), chosen.language)}
        )
        out.write(json.dumps({"file": one.name, **came_to}) + "\n")
    elif chosen.json and one.result is not None:
        out.write(json.dumps(told(one.result.to_json(), chosen.language)) + "\n")
    out.flush()


def _write(name: str, report: bytes) -> None:
    try:
        Path(name).write_bytes(report)
    except OSError as problem:
        sentence = f"--junit {name} cannot be written: {problem.strerror}; name a file in a folder that exists"
        raise UsageError(sentence) from None
