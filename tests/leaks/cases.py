"""The corpus: handlers with the verdict that is right for them, one YAML file each.

``python tests/leaks/cases.py [namespace|docker]`` plays all of them and prints how often which verdict was given.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from sandbox_runner.engine import Engine
from sandbox_runner.scenario import Scenario

if TYPE_CHECKING:
    from sandbox_runner.results import Finding, RunResult

CORPUS = Path(__file__).parent / "corpus"


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
        return {name: said.get(name) for name in self.expect}


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "carrier": finding.location.path if finding.location else None,
        "writer": finding.writer.invocation if finding.writer else None,
        "reader": finding.reader.invocation if finding.reader else None,
    }


def read_cases() -> list[Case]:
    """Every case, by name."""
    found = []
    for path in sorted(CORPUS.glob("*.yaml")):
        data = yaml.safe_load(path.read_text())
        found.append(Case(path.stem, data["why"], Scenario.model_validate(data["scenario"]), data["expect"]))
    return found


def main(backend: str) -> int:
    """Play all, print the matrix and each miss; the number of misses is the exit status."""
    matrix: Counter[tuple[str, str]] = Counter()
    misses = []
    engine = Engine(backend)
    try:
        for case in read_cases():
            seen = case.seen(engine.run(case.scenario))
            matrix[case.expect["verdict"], seen["verdict"]] += 1
            if seen != case.expect:
                misses.append(f"{case.name}: expected {case.expect}, got {seen}")
    finally:
        engine.close()
    for (expected, given), count in sorted(matrix.items()):
        sys.stdout.write(f"{expected:>18} judged {given:<18} {count}\n")
    sys.stdout.write("\n".join([*misses, f"{len(misses)} of {sum(matrix.values())} not as expected", ""]))
    return min(len(misses), 100)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["namespace"]))
