"""Which incident of the gallery a revision plays, so that its run keeps the incident's name and story."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from playground.experiments import stored_json
from playground.gallery.catalogue import incident, incidents
from playground.i18n.marking import language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.models import Revision


@dataclass(frozen=True, slots=True)
class Story:
    """``slug`` is the incident's; ``name`` is its title, with that of the scenario where it is not the first."""

    slug: str
    number: int
    title: str
    summary: str
    name: str


def story_of(revision: Revision) -> Story | None:
    """The story of that revision in the page's language; None where it is not, to the byte, one of the gallery's."""
    slug, run_slug = _by_content().get(revision.sha256, ("", ""))
    found = incident(slug) if slug else None
    if found is None:
        return None
    told = found.told_in(language())
    run = next(one for one in told.runs if one.slug == run_slug)
    name = told.title if run.slug == slug else f"{told.title}: {run.title}"
    return Story(slug, told.number, told.title, told.summary, name)


@cache
def _by_content() -> Mapping[str, tuple[str, str]]:
    return {stored_json.digest(run.scenario.to_json()): (one.slug, run.slug) for one in incidents() for run in one.runs}
