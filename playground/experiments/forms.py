"""What a person typed on the home page, kept as typed, and the scenario it means.

The form is plain: repeated fields in the order of the page. Nothing that was typed is ever thrown away: a
:class:`FormState` is what the page is drawn from, with one sentence beside each field that needs mending.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, Protocol

from sandbox_runner import limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    def get(self, name: str, default: str, /) -> str:
        """The last value of that name."""
        ...

    def getlist(self, name: str, /) -> Sequence[str]:
        """Every value of that name, in order."""
        ...


def read_form(fields: Fields) -> FormState:
    """What was typed, as it was typed; only a browser's line ends become plain ones."""
    return FormState(
        runtime=_one(fields, "runtime"),
        handler=_one(fields, "handler").strip(),
        memory_mb=_one(fields, "memory_mb").strip(),
        timeout_s=_one(fields, "timeout_s").strip(),
        environment=_lines(_one(fields, "environment")),
        files=tuple(FileRow(name.strip(), _lines(text)) for name, text in _rows(fields, "file_name", "file_text")),
        steps=tuple(
            StepRow(kind, principal.strip(), _lines(payload), idle.strip())
            for kind, principal, payload, idle in _rows(
                fields, "step_kind", "step_principal", "step_payload", "step_idle"
            )
        ),
        scenario_text=_lines(_one(fields, "scenario")),
        parent=_one(fields, "parent"),
    )


def edited(state: FormState, action: str) -> FormState:
    """The form after one of its own buttons, for browsers without scripts.

    :param action: ``add-file``, ``add-invoke``, ``add-idle``, ``add-recycle``, ``remove-file-N``, ``remove-step-N``,
        ``move-step-up-N`` or ``move-step-down-N`` with N from 1; anything else changes nothing.
    """
    verb, _, number = action.rpartition("-")
    at = int(number) - 1 if number.isdecimal() and len(number) < 5 else -1
    files, steps = list(state.files), list(state.steps)
    if action == "add-file":
        files.append(FileRow("", ""))
    elif verb == "add" and number in KINDS:
        steps.append(_NEW_STEPS[number])
    elif verb == "remove-file" and 0 <= at < len(files):
        del files[at]
    elif verb == "remove-step" and 0 <= at < len(steps):
        del steps[at]
    elif verb == "move-step-up" and 0 < at < len(steps):
        steps.insert(at - 1, steps.pop(at))
    elif verb == "move-step-down" and 0 <= at < len(steps) - 1:
        steps.insert(at + 1, steps.pop(at))
    return replace(state, files=tuple(files), steps=tuple(steps))


def with_errors(state: FormState, errors: Mapping[str, str]) -> FormState:
    """The form with one sentence at each field that needs mending, rows included."""
    return replace(
        state,
        errors=dict(errors),
        files=tuple(replace(row, error=errors.get(f"file-{n}", "")) for n, row in enumerate(state.files, 1)),
        steps=tuple(replace(row, error=errors.get(f"step-{n}", "")) for n, row in enumerate(state.steps, 1)),
    )


_NEW_STEPS: Final = {
    "invoke": StepRow("invoke", "", "{}"),
    "idle": StepRow("idle", idle="5s"),
    "recycle": StepRow("recycle"),
}


def _one(fields: Fields, name: str) -> str:
    return fields.get(name, "")


def _rows(fields: Fields, *names: str) -> list[tuple[str, ...]]:
    """Repeated fields side by side; a list that is too short is filled up with empty texts."""
    return list(zip_longest(*(fields.getlist(name) for name in names), fillvalue=""))


def _lines(text: str) -> str:
    """Browsers send CR LF for every line end of a text area."""
    return text.replace("\r\n", "\n")
