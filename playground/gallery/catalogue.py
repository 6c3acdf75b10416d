"""Reading the incidents from their folders, once for a process's life."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sandbox_runner.scenario import IdleStep, InvokeStep, Scenario, Step
from sandbox_runner.scenario_text import read_scenario

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


class ToldStep(_Part):
    """A step in words, and the payload of a request."""

    words: str
    payload: str = ""


class IncidentRun(_Part):
    """One scenario of an incident. ``fixed`` says that its run must come out clean."""

    slug: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    note: str
    scenario: Scenario
    fixed: bool = False

    @property
    def text(self) -> str:
        """The scenario as JSON text, files included: what a form submits."""
        return json.dumps(self.scenario.to_json(), ensure_ascii=False)

    @property
    def steps(self) -> tuple[ToldStep, ...]:
        """Its steps in words."""
        return tuple(_told(step) for step in self.scenario.steps)

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Its handler files as (path, text)."""
        return tuple(self.scenario.function.files.items())


class Incident(_Part):
    """An incident: words, the scenario that shows it, and the scenario that shows it gone."""

    slug: str
    number: int
    title: str
    summary: str
    text: tuple[Section, ...]
    runs: tuple[IncidentRun, ...] = Field(min_length=2)
    sources: tuple[Source, ...] = ()

    @property
    def scenario(self) -> Scenario:
        """The scenario that shows the incident."""
        return self.runs[0].scenario

    @property
    def fixed_scenario(self) -> Scenario:
        """The same with the fix."""
        return next(run.scenario for run in self.runs if run.fixed)


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


def _told(step: Step) -> ToldStep:
    if isinstance(step, InvokeStep):
        payload = json.dumps(step.invoke.payload, ensure_ascii=False)
        return ToldStep(words=f"request of {step.invoke.principal or 'its own caller'}", payload=payload)
    return ToldStep(words=f"wait {step.idle:g} s, frozen" if isinstance(step, IdleStep) else "every environment ends")


def _read(folder: Path) -> Incident:
    words = yaml.safe_load((folder / "incident.yaml").read_text("utf-8"))
    runs = [run | {"scenario": _scenario(folder / run["scenario"])} for run in words.pop("runs")]
    return Incident(slug=runs[0]["slug"], runs=tuple(IncidentRun(**run) for run in runs), **words)


def _scenario(path: Path) -> Scenario:
    return read_scenario(path.read_text("utf-8"), base=path.parent)
