"""The table of Lambda's managed runtimes and of what happens with each here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.i18n.marking import N_, _, told
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import CUSTOMERS, FAMILIES, MANAGED, OWN_RUNTIME
from sandbox_runner.runtimes.stand_ins import said_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sandbox_runner.runtimes.managed import ManagedRuntime

PLAYED, STAND_IN, REFUSED, ELSEWHERE = "played", "stand-in", "refused", "elsewhere"
_WORDS: Final = {
    PLAYED: N_("played"),
    STAND_IN: N_("stand-in"),
    REFUSED: N_("refused"),
    ELSEWHERE: N_("not played"),
}


@dataclass(frozen=True, slots=True)
class RuntimeRow:
    """One identifier. ``fate`` is one of the words above, ``word`` the same for people, ``here`` a sentence.

    ``dates`` are those of its deprecation and of the two blocks, each empty where there is none.
    """

    identifier: str
    label: str
    dates: tuple[str, ...]
    fate: str
    word: str
    here: str


@dataclass(frozen=True, slots=True)
class Family:
    """The rows of one language, newest first."""

    label: str
    anchor: str
    rows: tuple[RuntimeRow, ...]


def families(today: date) -> tuple[Family, ...]:
    """Every identifier, by language."""
    return tuple(
        Family(_label(key), key, tuple(_rows([each for each in MANAGED if each.family == key], today)))
        for key in FAMILIES
    )


def _label(key: str) -> str:
    named = {"provided": _("Runtime of your own"), CUSTOMERS: _("Customer-managed runtime")}
    return named.get(key, FAMILIES[key])


def _rows(family: list[ManagedRuntime], today: date) -> Iterator[RuntimeRow]:
    for each in reversed(family):
        fate, here = _fate(each, today)
        dates = (each.deprecated, each.create_blocked, each.update_blocked)
        shown = tuple(day.isoformat() if day else "" for day in dates)
        yield RuntimeRow(each.identifier, each.label, shown, fate, _(_WORDS[fate]), here)


def _fate(one: ManagedRuntime, today: date) -> tuple[str, str]:
    if one.identifier not in registry.PLAYED:
        return ELSEWHERE, _of_customers() if one.family == CUSTOMERS else _not_played()
    if one.is_refused(today):
        said = _("As Lambda refuses to create a function with it; it recommends %(successor)s.")
        return REFUSED, said % {"successor": one.successor}
    if stand_in := registry.stand_in_of(one.identifier):
        return STAND_IN, told(*said_of({one.identifier: stand_in.identifier}))
    runtime = registry.runtime_of(one.identifier)
    if not runtime.is_probed:
        return PLAYED, _("By the program named bootstrap that the function brings.")
    versions = ", ".join(f"{name} {version}" for name, version in runtime.versions.items())
    return PLAYED, _("By its own interpreter and AWS's client: %(versions)s.") % {"versions": versions}


def _of_customers() -> str:
    return _("Somebody keeps it in an AWS account, out of reach from here; choose the runtime of its language.")


def _not_played() -> str:
    said = _("Its language is not available here; a zip with a bootstrap for %(runtime)s can be played.")
    return said % {"runtime": OWN_RUNTIME}
