"""Reading the incidents from their folders, once for a process's life.

A folder holds handler files, the scenarios that the command line plays as they are, ``incident.yaml`` with the words
in English, ``incident.ja.yaml`` with the same in Japanese, and ``expected.yaml`` with what each run must come to.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from playground.gallery.expectations import Expectation
from playground.gallery.telling import ENGLISH, LANGUAGES, WORDS, ToldStep, told
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import read_scenario

INCIDENTS: Final = Path(__file__).parent / "incidents"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(_Part):
    """A heading and the paragraphs below it, as plain text."""

    heading: str
    paragraphs: tuple[str, ...]


class Source(_Part):
    """Where the emulated behaviour is documented."""

    title: str
    url: str = Field(pattern=r"^https://")


class RunWords(_Part):
    """What is said of one run in another language."""

    title: str
    note: str


class Translation(_Part):
    """An incident's words in another language; ``runs`` by slug."""

    title: str
    summary: str
    text: tuple[Section, ...]
    runs: dict[str, RunWords]


class ShownStep(_Part):
    """A step in words, and of a request its payload and how it must end."""

    words: str
    payload: str = ""
    outcome: str = ""


class IncidentRun(_Part):
    """One scenario of an incident. ``fixed`` says that its run must come out clean, or healthy."""

    slug: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    note: str
    scenario: Scenario
    expected: Expectation
    fixed: bool = False
    language: str = ENGLISH

    @property
    def text(self) -> str:
        """The scenario as JSON text, files included: what a form submits."""
        return json.dumps(self.scenario.to_json(), ensure_ascii=False)

    @property
    def steps(self) -> tuple[ShownStep, ...]:
        """Its steps in words."""
        return tuple(self._shown(step) for step in told(self.scenario.steps, self.language))

    @property
    def settings(self) -> tuple[str, ...]:
        """What its scenario sets beside files and steps, as ``name: value``; what it does not mention is left out."""
        written = self.scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
        named = {
            **written.pop("function", {}),
            **{
                f"{name}.{field}": value
                for name, function in written.pop("functions", {}).items()
                for field, value in function.items()
            },
            **written,
        }
        return tuple(
            f"{name}: {_plain(value)}"
            for name, value in named.items()
            if name.rpartition(".")[2] not in ("files", "steps", "version", "name")
        )

    @property
    def verdict(self) -> str:
        """What its verdict must be, in words."""
        return " / ".join(WORDS[self.language][grade] for grade in self.expected.verdict)

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Its handler files as (path, text)."""
        return tuple(self.scenario.code.items())

    def _shown(self, step: ToldStep) -> ShownStep:
        if step.request is None:
            return ShownStep(words=step.words)
        outcome = self.expected.requests[step.request - 1].outcome
        return ShownStep(words=step.words, payload=step.payload, outcome=WORDS[self.language][outcome])


class Incident(_Part):
    """An incident: words, the scenario that shows it, and the scenario that shows it gone."""

    slug: str
    number: int
    title: str
    summary: str
    text: tuple[Section, ...]
    runs: tuple[IncidentRun, ...] = Field(min_length=2)
    sources: tuple[Source, ...] = ()
    translations: dict[str, Translation] = Field(default_factory=dict)
    language: str = ENGLISH

    @property
    def scenario(self) -> Scenario:
        """The scenario that shows the incident."""
        return self.runs[0].scenario

    @property
    def fixed_scenario(self) -> Scenario:
        """The same with the fix."""
        return next(run.scenario for run in self.runs if run.fixed)

    def told_in(self, language: str) -> Incident:
        """The same incident with its words in that language, or in English where it has none in it."""
        words = self.translations.get(language)
        if words is None:
            return self
        runs = tuple(
            run.model_copy(update={"language": language, **words.runs[run.slug].model_dump()}) for run in self.runs
        )
        said = {"title": words.title, "summary": words.summary, "text": words.text}
        return self.model_copy(update={**said, "runs": runs, "language": language})


@cache
def incidents() -> tuple[Incident, ...]:
    """Every incident, by number."""
    found = (_read(folder) for folder in INCIDENTS.iterdir() if (folder / "incident.yaml").is_file())
    return tuple(sorted(found, key=lambda one: one.number))


def incident(slug: str) -> Incident | None:
    """The incident of that slug, if there is one."""
    return next((one for one in incidents() if one.slug == slug), None)


def incident_run(slug: str) -> IncidentRun | None:
    """The run of that slug among all incidents; an incident's own slug means its first run."""
    return next((run for one in incidents() for run in one.runs if run.slug == slug), None)


def _read(folder: Path) -> Incident:
    words, expected = _yaml(folder / "incident.yaml"), _yaml(folder / "expected.yaml")
    runs = [
        run | {"scenario": _scenario(folder / run["scenario"]), "expected": expected[run["slug"]]}
        for run in words.pop("runs")
    ]
    return Incident(slug=runs[0]["slug"], runs=runs, translations=_translations(folder), **words)


def _translations(folder: Path) -> dict[str, Any]:
    files = {language: folder / f"incident.{language}.yaml" for language in LANGUAGES if language != ENGLISH}
    return {language: _yaml(file) for language, file in files.items() if file.is_file()}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _scenario(path: Path) -> Scenario:
    return read_scenario(path.read_text("utf-8"), beside=Beside(path.parent))
