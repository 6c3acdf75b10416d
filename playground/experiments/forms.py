"""What a person typed on the home page, kept as typed, and the scenario it means.

The form is plain: repeated fields in the order of the page. Nothing that was typed is ever thrown away: a
:class:`FormState` is what the page is drawn from, with one sentence beside each field that needs mending.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner import limits
from sandbox_runner.scenario import IdleStep, InvokeStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.scenario import Scenario, Step

KINDS: Final = ("invoke", "idle", "recycle")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the function. ``error`` is a sentence, or empty."""

    name: str
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: ``kind`` is one of :data:`KINDS`, the other fields are the row's own texts; a kind ignores the rest."""

    kind: str
    principal: str = ""
    payload: str = ""
    idle: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class FormState:
    """The whole form as it stands.

    ``errors`` maps a field to a sentence: ``runtime``, ``handler``, ``memory_mb``, ``timeout_s``, ``environment``,
    ``files`` (and ``file-1`` … for one of them), ``steps`` (and ``step-1`` …), ``scenario``, or ``form`` for the whole.
    ``scenario_text`` is a pasted scenario; where it is not empty it counts and the other fields do not. ``parent`` is
    the revision that this one is an edited copy of, or empty.
    """

    runtime: str = "python3.13"
    handler: str = ""
    memory_mb: str = str(limits.MEMORY_MB_DEFAULT)
    timeout_s: str = str(limits.TIMEOUT_S_DEFAULT)
    environment: str = ""
    files: tuple[FileRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    scenario_text: str = ""
    parent: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class Fields(Protocol):
    """What a form's fields are read from; Django's ``QueryDict`` is one."""

    def get(self, name: str, default: str = "", /) -> str | None:
        """The last value of that name."""
        ...

    def getlist(self, name: str) -> Sequence[str]:
        """Every value of that name, in order."""
        ...
