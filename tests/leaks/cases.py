"""The corpus and the held-out set: handlers with the verdict that is right for them, one YAML file each.

``python -m tests.leaks.cases [namespace|docker] [corpus|held_out …]`` plays them and prints for each set how often
which verdict was given, how many leaks were proven, how many of their carriers were named and confirmed, and how long
it took. The held-out set was written after the oracles and played for the first time when it was complete.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import yaml

from sandbox_runner.events.records import ReplayStarted
from sandbox_runner.run.engine import Engine
from sandbox_runner.scenario.model import Scenario

if TYPE_CHECKING:
    from sandbox_runner.results.model import Finding, RunResult

SETS = ("corpus", "held_out", "overlapping", "services")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Case:
    """One handler and what is expected of its run."""

    name: str
    why: str
    scenario: Scenario
    expect: dict[str, Any]

    def seen(self, result: RunResult) -> dict[str, Any]:
        """What the run says of everything that is expected."""
        finding = result.findings[0] if result.findings else None
        said = {"verdict": str(result.verdict), **(_said(finding) if finding else {})}
        said["by_way_of"] = sorted(f"{each.service} {each.name}, {each.confidence}" for each in result.passages)
        return {name: said.get(name) for name in self.expect}


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "carrier": finding.location.path if finding.location else None,
        "writer": finding.writer.invocation if finding.writer else None,
        "reader": finding.reader.invocation if finding.reader else None,
        "written": next((f"{line.file}:{line.line}" for line in finding.sources if line.role == "written"), None),
    }


@cache
def read_cases(name: str) -> tuple[Case, ...]:
    """Every case of a set, by name."""
    found = []
    for path in sorted((Path(__file__).parent / name).glob("*.yaml")):
        data = yaml.load(path.read_text(), Loader=LOADER)
        found.append(Case(path.stem, data["why"], Scenario.model_validate(data["scenario"]), data["expect"]))
    return tuple(found)


@dataclass
class Score:
    """What playing the corpus came to."""

    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    accused: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    leaks: int = 0
    times: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    proofs: list[float] = field(default_factory=list)

    def add(self, case: Case, result: RunResult, seconds: float) -> None:
        """Count one case."""
        seen, is_leak = case.seen(result), case.expect["verdict"] == "leak"
        self.matrix[case.expect["verdict"], seen["verdict"]] += 1
        self.times[is_leak].append(seconds)
        self.proofs.append(_proof_s(result))
        if seen != case.expect:
            self.misses.append(f"{case.name}: expected {case.expect}, got {seen}")
        if not is_leak:
            self.accused += [case.name] if seen["verdict"] == "leak" else []
            return
        gravest = result.findings[0] if result.findings else None
        self.leaks += 1
        if gravest is None or gravest.confidence != "proven":
            self.unproven.append(case.name)
        if gravest is None or gravest.location is None or gravest.location.path != case.expect.get("carrier"):
            self.unnamed.append(case.name)
        elif not gravest.carrier_confirmed:
            self.unconfirmed.append(case.name)

    def lines(self) -> list[str]:
        """The matrix, and what is missing by name."""
        share = [
            ("leaks proven", self.leaks - len(self.unproven), self.unproven),
            ("carriers named", self.leaks - len(self.unnamed), self.unnamed),
            ("carriers confirmed", self.leaks - len(self.unnamed) - len(self.unconfirmed), self.unconfirmed),
        ]
        played = sum(self.matrix.values())
        return [
            *(f"{expected:>18} judged {given:<18} {n}" for (expected, given), n in sorted(self.matrix.items())),
            *(f"{what}: {n} of {self.leaks} ({n / max(1, self.leaks):.0%}){_missing(who)}" for what, n, who in share),
            f"falsely accused: {len(self.accused)} of {played - self.leaks}{_missing(self.accused)}",
            *(
                f"{_name(is_leak)}: p50 {median(s):.2f} s, p95 {_p95(s):.2f} s"
                for is_leak, s in self.times.items()
                if s
            ),
            f"proof alone, all: p50 {median(self.proofs):.2f} s, p95 {_p95(self.proofs):.2f} s",
            *self.misses,
            f"{len(self.misses)} of {played} not as expected",
        ]


def _proof_s(result: RunResult) -> float:
    """From the first replay to the last thing that one of them said."""
    begun = [event.at_us for event in result.events if isinstance(event.record, ReplayStarted)]
    return (result.events[-1].at_us - begun[0]) / 1e6 if begun else 0.0


def _missing(names: list[str]) -> str:
    return f"; not {', '.join(names)}" if names else ""


def _name(is_leak: bool) -> str:
    return "run and proof of a leak" if is_leak else "run and proof of another"


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def main(backend: str = "namespace", *sets: str) -> int:
    """Play all, print the matrices and each miss; the number of misses is the exit status."""
    missed = 0
    with Engine(backend) as engine:
        for name in sets or SETS:
            score = Score()
            for case in read_cases(name):
                begun = time.monotonic()
                result = engine.run(case.scenario)
                score.add(case, result, time.monotonic() - begun)
            sys.stdout.write("\n".join([f"{name}, {backend}", *score.lines(), "", ""]))
            sys.stdout.flush()
            missed += len(score.misses)
    return min(missed, 100)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
