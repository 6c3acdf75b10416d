"""What the home page is filled with: a copy of something, a gallery incident, or a scenario template's example."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.http import Http404

from playground.editor.examples import RUNTIMES, example_form
from playground.editor.presets import presets
from playground.editor.to_scenario import form_of, scenario_of
from playground.experiments import selectors
from playground.gallery import incident_run
from playground.runs.preparing import Preparing

if TYPE_CHECKING:
    from django.http import QueryDict

    from playground.editor.form_state import FormState
    from playground.experiments.viewer import Viewer


# Of the packages in an address, one a line.
_PACKAGES_CHARACTERS_MAX: Final = 4_000


def form_for(query: QueryDict, viewer: Viewer) -> FormState:
    """The form that the address asks for: ``?from=``, ``?incident=`` or ``?preset=``; the first template otherwise.

    With ``?from=``, ``?add=`` names packages to add, one a line.

    :raises Http404: it asks for something that does not exist for ``viewer``.
    """
    if name := query.get("from"):
        return with_package(_copy_of(name, viewer), query)
    if slug := query.get("incident"):
        return _incident(slug)
    return _example(query.get("preset") or presets()[0].slug)


def with_package(form: FormState, query: QueryDict) -> FormState:
    """The form with the packages that the address asks to add."""
    return replace(form, dependencies=query.get("add", "")[:_PACKAGES_CHARACTERS_MAX])


def _copy_of(name: str, viewer: Viewer) -> FormState:
    found = selectors.openable_revision(name, viewer)
    if found is None:
        raise Http404
    return form_of(found.scenario, parent=found.id)


def _incident(slug: str) -> FormState:
    found = incident_run(slug)
    if found is None:
        raise Http404
    return form_of(found.scenario)


def _example(slug: str) -> FormState:
    """The template's steps with its example's code, in the first language that can be played now."""
    found = next((preset for preset in presets() if preset.slug == slug), None)
    if found is None:
        raise Http404
    preparing = Preparing.now()
    forms = [example_form(found.example, ending, found.steps) for ending in RUNTIMES]
    playable = (one for one in forms if preparing is None or not preparing.concerns(scenario_of(one)))
    return next(playable, forms[0])
