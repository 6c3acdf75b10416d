"""Rows of the proofs in turns with those of another checkout of this project, and the ratios of what they took.

``python -m benchmarks.turns FOLDER [--backend NAME] [--rows WORD] [--rounds N]`` compares with the checkout in
``FOLDER``. Each side is a process with an engine of its own, which rests between two runs. What is compared is played
one after the other at nearly the same load, so the ratio says what a single figure of a shared machine does not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.proofs import chosen

# Plays one row for each line that it reads. It is given to the other checkout too, which may not have this module.
_SIDE: Final = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from benchmarks.proof_rows import ROWS
from sandbox_runner.proof.lanes import worked_s
from sandbox_runner.events.records import ProofStarted
from sandbox_runner.run.engine import Engine
rows = {row.name: row for row in ROWS}
with Engine(sys.argv[2]) as engine:
    engine.run(ROWS[0].scenario())
    print("ready", flush=True)
    for line in sys.stdin:
        began, cpu = time.monotonic(), worked_s()
        result = engine.run(rows[line.strip()].scenario())
        took = time.monotonic() - began
        run = next(each.at_us for each in result.events if isinstance(each.record, ProofStarted)) / 1e6
        leaks = [each for each in result.findings if each.carrier_confirmed]
        time.sleep(4)
        cpu = worked_s() - cpu
        figures = {"run": run, "verdict": took, "ratio": took / run, "CPU": cpu, "placed": len(leaks)}
        print(json.dumps(figures), flush=True)
"""
_FIGURES: Final = ("run", "verdict", "ratio", "CPU")


class Side:
    """One checkout, which plays what it is told."""

    def __init__(self, folder: Path, backend: str) -> None:
        command = [str(folder / ".venv/bin/python"), "-c", _SIDE, str(folder), backend]
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._in, self._out = _given(self._process.stdin), _given(self._process.stdout)
        self._out.readline()

    def play(self, row: str) -> dict[str, Any]:
        """What one run took."""
        print(row, file=self._in, flush=True)
        played: dict[str, Any] = json.loads(self._out.readline())
        return played

    def close(self) -> None:
        """End it."""
        self._in.close()
        self._process.wait()


def main() -> int:
    """Compare what was asked for."""
    asked = _arguments()
    here, there = (Side(folder.resolve(), asked.backend) for folder in (Path(), asked.folder))
    print(f"this checkout / {asked.folder}, {asked.backend}, {asked.rounds} rounds")
    for row in chosen(asked.rows):
        load = os.getloadavg()[0]
        pairs = [(here.play(row.name), there.play(row.name)) for _ in range(asked.rounds)]
        print(
            f"  {row.name:<22}"
            + "".join(_cell(name, pairs) for name in _FIGURES)
            + _placed(pairs)
            + f"  load {load:.1f}"
        )
    here.close()
    there.close()
    return 0


def _cell(name: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    ours, theirs = ([pair[side][name] for pair in pairs] for side in (0, 1))
    ratio = statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
    return f"  {name} {statistics.median(ours):.2f} / {statistics.median(theirs):.2f} = {ratio:.2f}"


def _placed(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> str:
    ours, theirs = (sum(pair[side]["placed"] > 0 for pair in pairs) for side in (0, 1))
    return f"  placed {ours} / {theirs} of {len(pairs)}"


def _given(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description="Compare two checkouts in turns.")
    parser.add_argument("folder", type=Path, help="another checkout, with its .venv")
    parser.add_argument("--backend", default="docker", choices=("docker", "namespace"))
    parser.add_argument("--rows", action="append", default=[], metavar="WORD", help="those whose name has it")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
