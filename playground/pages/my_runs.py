"""What somebody has run, as rows with names, narrowed down by what the address asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.experiments import revision_summaries, selectors
from playground.experiments.naming import proposed_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from playground.experiments.models import Run
    from playground.experiments.viewer import Viewer

TEXT_CHARACTERS_MAX: Final = 100
UNFINISHED: Final = "unfinished"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rows are narrowed down to; empty where they are not."""

    text: str = ""
    verdict: str = ""
    runtime: str = ""

    @property
    def anything(self) -> bool:
        """Whether they are narrowed down at all."""
        return self != Asked()


@dataclass(frozen=True, slots=True)
class MyRun:
    """A run. ``title`` is what its experiment is called, or what its verdict proposes; ``sentence`` adds to it."""

    run: Run
    title: str
    sentence: str
    runtimes: tuple[str, ...]
    may_edit: bool

    @property
    def verdict(self) -> str:
        """The verdict, or a word for having none."""
        return self.run.verdict or UNFINISHED


@dataclass(frozen=True, slots=True)
class MyRuns:
    """The rows that are asked for, what else may be asked for, and among how many of the newest runs they are."""

    rows: tuple[MyRun, ...]
    verdicts: tuple[str, ...]
    runtimes: tuple[str, ...]
    newest: int


def read_asked(fields: QueryDict) -> Asked:
    """What an address asks for."""
    text, verdict, runtime = (fields.get(name, "").strip() for name in ("q", "verdict", "runtime"))
    return Asked(text[:TEXT_CHARACTERS_MAX], verdict, runtime)


def my_runs(asked: Asked, viewer: Viewer) -> MyRuns:
    """What this person or browser has run, newest first."""
    found = [_row(run) for run in selectors.runs_of(viewer)]
    return MyRuns(
        rows=tuple(one for one in found if _is_asked_for(one, asked)),
        verdicts=_choices((one.verdict for one in found), asked.verdict),
        runtimes=_choices((runtime for one in found for runtime in one.runtimes), asked.runtime),
        newest=len(found),
    )


def _row(run: Run) -> MyRun:
    summary = revision_summaries.kept(run.revision)
    named = bool(run.revision.experiment.title)
    sentence = run.shown_sentence or run.failure_sentence
    return MyRun(
        run=run,
        title=run.revision.experiment.shown_title if named else proposed_title(sentence) or run.id,
        sentence=sentence if named else "",
        runtimes=summary.runtimes if summary else (),
        may_edit=bool(getattr(run, "may_edit", False)),
    )


def _is_asked_for(one: MyRun, asked: Asked) -> bool:
    words = f"{one.title} {one.sentence} {one.run.id}".casefold()
    return (
        all(word in words for word in asked.text.casefold().split())
        and asked.verdict in ("", one.verdict)
        and (not asked.runtime or asked.runtime in one.runtimes)
    )


def _choices(values: Iterable[str], chosen: str) -> tuple[str, ...]:
    return tuple(sorted({*values} | ({chosen} if chosen else set())))
