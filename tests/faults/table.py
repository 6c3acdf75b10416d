"""What came of it: one line for each fault on each set-up, what went wrong beneath it, and all of it as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# What must be zero. A run that failed although its fault excuses nothing is among them; an excused one is only shown.
ZEROS = ("lost", "twice", "stuck", "left", "failed", "streams", "answers", "unready", "harness")
HEAD = ("set-up", "fault", "times", "accepted", *ZEROS[:5], "excused", "played again", "streams", "answers", "unready",
        "what page and API said")  # fmt: skip
SAID_MAX = 6
WELL = {"200", "202", "302"}


@dataclass
class Inflicted:
    """One fault of a group: when it was, and what went wrong of what is counted with it."""

    name: str
    began: float
    ended: float = 0.0
    skipped: str = ""
    accepted: int = 0
    again: int = 0
    said: Counter = field(default_factory=Counter)
    away: Counter = field(default_factory=Counter)
    problems: dict = field(default_factory=dict)

    def blame(self, kind, sentence):
        """Count a problem of that kind with this fault."""
        self.problems.setdefault(kind, []).append(sentence)


@dataclass
class Line:
    """All times that a fault was inflicted on a set-up."""

    setup: str
    name: str
    times: int = 0
    skipped: int = 0
    accepted: int = 0
    again: int = 0
    counts: Counter = field(default_factory=Counter)
    said: Counter = field(default_factory=Counter)
    away: Counter = field(default_factory=Counter)

    def add(self, inflicted):
        self.times += not inflicted.skipped
        self.skipped += bool(inflicted.skipped)
        self.accepted += inflicted.accepted
        self.again += inflicted.again
        self.counts.update({kind: len(found) for kind, found in inflicted.problems.items()})
        self.said.update(inflicted.said)
        self.away.update(inflicted.away)

    def cells(self):
        well = sum(count for what, count in self.said.items() if what.split(" ")[-1] in WELL)
        said = ", ".join([f"{well} well", *(f"{what} x{count}" for what, count in sorted(self.said.items())
                                             if what.split(" ")[-1] not in WELL)])  # fmt: skip
        away = "; ".join(what for what, _ in self.away.most_common(SAID_MAX))
        counts = [self.counts[kind] for kind in ZEROS[:5]]
        rest = [self.counts["excused"], self.again, self.counts["streams"], self.counts["answers"]]
        skipped = f" (not done x{self.skipped})" if self.skipped else ""
        return [self.setup, f"{self.name}{skipped}", self.times, self.accepted, *counts, *rest,
                self.counts["unready"] + self.counts["harness"], f"{said}{' — ' if away else ''}{away}"]  # fmt: skip


class Table:
    """Collects groups."""

    def __init__(self):
        self.groups = []
        self._lines = {}

    def add(self, setup, seed, inflicted):
        """One group."""
        self.groups.append((setup, seed, inflicted))
        for each in inflicted:
            key = (setup, each.name)
            self._lines.setdefault(key, Line(*key)).add(each)

    def add_stored(self, groups):
        """Groups that :meth:`to_json` gave."""
        for group in groups:
            self.add(group["setup"], group["seed"], [Inflicted(**each) for each in group["faults"]])

    @property
    def faults(self):
        """How many were inflicted."""
        return sum(line.times for line in self._lines.values())

    @property
    def is_zero(self):
        """Whether nothing went wrong at all."""
        return not any(line.counts[kind] for line in self._lines.values() for kind in ZEROS)

    def markdown(self):
        """The table, with a line of sums."""
        rows = [line.cells() for _, line in sorted(self._lines.items())]
        sums = [sum(column) for column in list(zip(*rows, strict=True))[2:-1]]
        everything = [HEAD, ["---"] * len(HEAD), *rows, ["all", "", *sums, ""]]
        return "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |" for row in everything)

    def problems(self):
        """A sentence for each thing that went wrong, with the group's seed to repeat it."""
        return [
            f"{setup}, seed {seed}, {each.name}: {kind}: {sentence}"
            for setup, seed, inflicted in self.groups
            for each in inflicted
            for kind, found in each.problems.items()
            for sentence in found
        ]

    def to_json(self):
        """Everything."""
        return [
            {"setup": setup, "seed": seed, "faults": [vars(each) for each in inflicted]}
            for setup, seed, inflicted in self.groups
        ]
