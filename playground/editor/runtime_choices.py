"""The runtimes that the form offers: every identifier that Lambda would still take and that is played here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.i18n.marking import _, told
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import MANAGED
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """One option. ``note`` is a sentence where another runtime plays it, ``said`` the option's own text."""

    identifier: str
    said: str
    note: str


@dataclass(frozen=True, slots=True)
class LanguageChoices:
    """The runtimes of one language, newest first."""

    label: str
    choices: tuple[RuntimeChoice, ...]


def runtime_choices(today: date, chosen: str) -> tuple[LanguageChoices, ...]:
    """What the form offers on that day; what is ``chosen`` already stays, whatever the day, if it is played."""
    offered = [each for each in MANAGED if not each.is_refused(today) or each.identifier == chosen]
    groups = (
        LanguageChoices(
            language.label,
            tuple(_choice(each.identifier) for each in reversed(offered) if _is_played(each.identifier, language.key)),
        )
        for language in registry.PLAYED_LANGUAGES
    )
    return tuple(group for group in groups if group.choices)


def note_of(identifier: str) -> str:
    """A sentence where another runtime plays that identifier; else empty."""
    stand_in = registry.stand_in_of(identifier)
    return told(*said_of({identifier: stand_in.identifier})) if stand_in else ""


def _is_played(identifier: str, language: str) -> bool:
    return identifier in registry.PLAYED and registry.runtime_of(identifier).language.key == language


def _choice(identifier: str) -> RuntimeChoice:
    stand_in = registry.stand_in_of(identifier)
    said = (
        _("%(runtime)s (on %(label)s)") % {"runtime": identifier, "label": stand_in.label} if stand_in else identifier
    )
    return RuntimeChoice(identifier, said, note_of(identifier))
