"""What was probably meant by a runtime that Lambda does not have. Pure.

People write a release without its dot (``python312``), a language's own name (``Node 22``), a constant of the CDK
(``PYTHON_3_12``), or a release that never was one of Lambda's (``nodejs21.x``). The language is told by the letters,
and the release by the numbers alone: ``nodejs21.x`` is no likelier to mean 20 than 22.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import FAMILIES, MANAGED, READ_ON

if TYPE_CHECKING:
    from sandbox_runner.runtimes.model import Runtime

_NAME_CHARACTERS: Final = 40
# How like the name of a language the letters have to be to be that one misspelt.
_LIKE: Final = 0.7

_FAMILY_OF_WORD: Final = {
    "python": "python",
    "py": "python",
    "node": "node",
    "nodejs": "node",
    "javascript": "node",
    "typescript": "node",
    "java": "java",
    "dotnet": "dotnet",
    "dotnetcore": "dotnet",
    "net": "dotnet",
    "go": "go",
    "golang": "go",
    "ruby": "ruby",
    "provided": "provided",
    "providedal": "provided",
    "amazonlinux": "provided",
    "al": "provided",
}


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name that is none of Lambda's probably stands for.

    :ivar family: one of :data:`sandbox_runner.runtimes.managed.FAMILIES`.
    :ivar identifier: the one whose release is named and which Lambda still takes, or the only one here; or empty.
    """

    family: str
    identifier: str = ""

    @property
    def language(self) -> str:
        """What the family is called."""
        return FAMILIES[self.family]

    @property
    def choices(self) -> tuple[str, ...]:
        """The runtimes of the family that are here; empty where its language is not played."""
        return tuple(each.identifier for each in registry.RUNTIMES if each.language.key == self.family)


def meant_by(written: str) -> Meant | None:
    """What ``written``, which is none of Lambda's identifiers, probably means; ``None`` where nothing says so."""
    text = written[:_NAME_CHARACTERS].lower()
    before_number = re.split(r"\d", text, maxsplit=1)[0]
    word = re.sub(r"[^a-z]", "", before_number)
    near = difflib.get_close_matches(word, _FAMILY_OF_WORD, n=1, cutoff=_LIKE)
    if not near:
        return None
    of_family = Meant(_FAMILY_OF_WORD[near[0]])
    released = _of_release(of_family.family, re.findall(r"\d+", text))
    (only,) = of_family.choices if len(of_family.choices) == 1 else ("",)
    return replace(of_family, identifier=released or only)


def _of_release(family: str, numbers: list[str]) -> str:
    """The identifier with these numbers, or with the first of them: people add a patch level, or a processor's."""
    taken = [each.identifier for each in MANAGED if each.family == family and not each.is_refused(READ_ON)]
    by_numbers = {"".join(re.findall(r"\d+", each)): each for each in taken}
    for count in (len(numbers), 2, 1):
        if found := by_numbers.get("".join(numbers[:count])):
            return found
    return ""


def runtime_meant_by(written: str) -> Runtime | None:
    """The runtime here that plays what ``written``, which is none of Lambda's identifiers, probably means."""
    meant = meant_by(written)
    if meant is None:
        return None
    if meant.identifier in registry.PLAYED:
        return registry.runtime_of(meant.identifier)
    return next((registry.newest_of(each) for each in registry.LANGUAGES if each.key == meant.family), None)
