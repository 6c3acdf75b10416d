"""What a person typed on the home page, kept as typed, and the scenario it means.

The form is plain: repeated fields in the order of the page. Nothing that was typed is ever thrown away: a
:class:`FormState` is what the page is drawn from, with one sentence beside each field that needs mending.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, Protocol

from playground.editor import event_picker
from playground.editor.settings import BY_NAME, SETTINGS, usual
from sandbox_runner import limits
from sandbox_runner.runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.editor.settings import Setting

# ``together`` is a request that arrives at the same moment as the one in the row above it.
KINDS: Final = ("invoke", "together", "idle", "initialize", "recycle", "recycle-one")

STEP_FIELDS: Final = (
    "step_kind",
    "step_principal",
    "step_payload",
    "step_idle",
    "step_type",
    "step_times",
    "step_template",
    "step_before",
    "step_made_from",
)

PEER_FIELDS: Final = (
    "peer_name",
    "peer_port",
    "peer_max_clients",
    "peer_greeting",
    "peer_echo",
    "peer_delay",
    "peer_close_after",
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the function. ``error`` is a sentence, or empty."""

    name: str
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class AttachedRow:
    """One file that is carried as it is, in Base64."""

    name: str
    base64: str

    @property
    def size(self) -> str:
        """Its size for a person."""
        return size_in_words(len(self.base64) * 3 // 4 - self.base64[-2:].count("="))


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer: ``files`` is JSON, Base64 by path; or ``stored`` is that of a kept zip's digest and size."""

    name: str
    files: str = ""
    stored: str = ""

    @classmethod
    def of(cls, layer: Mapping[str, Any]) -> LayerRow:
        """The row for a layer of a scenario."""
        if "files" in layer:
            return cls(layer["name"], json.dumps(layer["files"]))
        return cls(layer["name"], stored=json.dumps({name: layer[name] for name in ("sha256", "bytes")}))

    @property
    def size(self) -> str:
        """About its size, for a person."""
        return size_in_words(stored_bytes(self.stored) if self.stored else len(self.files) * 3 // 4)


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """The kept zip whose files lie beneath the function's: ``stored`` is the JSON of its digest and size."""

    name: str
    stored: str

    @classmethod
    def of(cls, archive: Mapping[str, Any]) -> ArchiveRow:
        """The row for the archive of a scenario."""
        return cls(archive["name"], json.dumps({name: archive[name] for name in ("sha256", "bytes")}))

    @property
    def size(self) -> str:
        """Its size for a person."""
        return size_in_words(stored_bytes(self.stored))


@dataclass(frozen=True, slots=True)
class FoundPayload:
    """A payload that lay beside the code, as text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step: ``kind`` is one of :data:`KINDS`, the other fields are the row's own texts; a kind ignores the rest.

    ``type`` is sync or event; ``times`` is how often a request arrives at that moment, or how many environments are
    prepared. Both may be empty, for sync and for one. ``template`` is the event template that is chosen, and ``before``
    the payload that was there before one was filled in. ``made_from`` is JSON: the template that the payload was made
    from, and the parts of it that a scenario says; empty for a payload that was written.
    """

    kind: str
    principal: str = ""
    payload: str = ""
    idle: str = ""
    type: str = ""
    times: str = ""
    template: str = ""
    before: str = ""
    made_from: str = ""
    error: str = ""

    @property
    def origin(self) -> str:
        """What the payload was made from, for a person."""
        return event_picker.origin(self)


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One peer, as typed. ``echo`` is empty where it echoes, and ``no`` where it does not."""

    name: str
    port: str = ""
    max_clients: str = ""
    greeting: str = ""
    echo: str = ""
    delay: str = ""
    close_after: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as the page draws it."""

    setting: Setting
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class FormState:
    """The whole form as it stands.

    ``account`` is YAML: AWS's services beside the function; so is ``extensions``: programs by name. ``dependencies``
    are packages to add to the function's manifest, one a line. ``errors`` maps a field to a sentence: ``runtime``,
    ``handler``, ``memory_mb``, ``timeout_s``, ``environment``, ``account``, ``extensions``, ``dependencies``, ``files``
    (and ``file-1`` … for one of them), ``steps`` (and ``step-1`` …), ``peers`` (and ``peer-1`` …), a name
    of :data:`SETTINGS`, ``scenario``, or ``form`` for the whole.
    ``scenario_text`` is a pasted scenario; where it is not empty it counts and the other fields do not. ``parent`` is
    the revision that this one is an edited copy of, or empty. ``as_written`` is not empty where the sender was told
    what does not fit in the code; ``cure`` is the label of a button that mends that.
    """

    runtime: str = registry.DEFAULT.identifier
    handler: str = ""
    memory_mb: str = str(limits.MEMORY_MB_DEFAULT)
    timeout_s: str = str(limits.TIMEOUT_S_DEFAULT)
    environment: str = ""
    account: str = ""
    extensions: str = ""
    dependencies: str = ""
    files: tuple[FileRow, ...] = ()
    attached: tuple[AttachedRow, ...] = ()
    archives: tuple[ArchiveRow, ...] = ()
    layers: tuple[LayerRow, ...] = ()
    payloads: tuple[FoundPayload, ...] = ()
    steps: tuple[StepRow, ...] = ()
    scenario_text: str = ""
    parent: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    peers: tuple[PeerRow, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    as_written: str = ""
    cure: str = ""

    def fields_of(self, *groups: str) -> tuple[SettingField, ...]:
        """The settings of these groups, in the table's order."""
        return tuple(
            SettingField(one, self.settings.get(one.name, ""), self.errors.get(one.name, ""))
            for one in SETTINGS
            if one.group in groups
        )

    @property
    def of_environments(self) -> tuple[SettingField, ...]:
        """How environments are made, chosen and ended."""
        return self.fields_of("environments")

    @property
    def of_asynchronous(self) -> tuple[SettingField, ...]:
        """How often and for how long asynchronous requests are tried."""
        return self.fields_of("asynchronous")

    @property
    def of_function(self) -> tuple[SettingField, ...]:
        """What the function gets."""
        return self.fields_of("function")

    @property
    def of_logs(self) -> tuple[SettingField, ...]:
        """How its log is written."""
        return self.fields_of("logs")

    @property
    def says_more_of_the_service(self) -> bool:
        """Whether something behind the scenario's "more" is not the default, or needs mending."""
        fields = self.fields_of("environments", "asynchronous")
        at_peers = any(name.startswith("peer") for name in self.errors)
        return bool(self.peers) or at_peers or any(one.value or one.error for one in fields)

    @property
    def says_more_of_the_function(self) -> bool:
        """The same for the function's "more"."""
        return any(one.value or one.error for one in self.fields_of("function", "logs"))


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
        account=_lines(_one(fields, "account")),
        extensions=_lines(_one(fields, "extensions")),
        dependencies=_lines(_one(fields, "dependencies")),
        files=tuple(FileRow(name.strip(), _lines(text)) for name, text in _rows(fields, "file_name", "file_text")),
        attached=tuple(AttachedRow(*row) for row in _rows(fields, "attached_name", "attached_base64")),
        archives=tuple(ArchiveRow(*row) for row in _rows(fields, "archive_name", "archive_stored")),
        layers=tuple(LayerRow(*row) for row in _rows(fields, "layer_name", "layer_files", "layer_stored")),
        payloads=tuple(FoundPayload(name, _lines(text)) for name, text in _rows(fields, "found_name", "found_payload")),
        steps=tuple(_step_row(*row) for row in _rows(fields, *STEP_FIELDS)),
        scenario_text=_lines(_one(fields, "scenario")),
        parent=_one(fields, "parent"),
        as_written=_one(fields, "as_written"),
        settings=_settings(fields),
        peers=tuple(PeerRow(*(text.strip() for text in row)) for row in _rows(fields, *PEER_FIELDS)),
    )


def _step_row(kind: str, principal: str, payload: str, *more: str) -> StepRow:
    idle, type_, times, template, before, made_from = more
    texts = (
        principal.strip(),
        _lines(payload),
        idle.strip(),
        type_,
        times.strip(),
        template,
        _lines(before),
        made_from,
    )
    return StepRow(kind, *texts)


def _settings(fields: Fields) -> dict[str, str]:
    typed = {setting.name: _one(fields, setting.name).strip() for setting in SETTINGS}
    return {name: text for name, text in typed.items() if not usual(BY_NAME[name], text)}


def edited(state: FormState, action: str) -> FormState:
    """The form after one of its own buttons, for browsers without scripts.

    :param action: ``add-file``, ``add-peer``, ``add-`` and a kind of step, ``add-payload-N``, ``remove-file-N``,
        ``remove-archive-N``, ``remove-attached-N``, ``remove-layer-N``, ``remove-peer-N``, ``remove-step-N``,
        ``move-step-up-N``, ``move-step-down-N``, ``fill-step-N`` (the payload from the row's template) or
        ``restore-step-N`` (the payload before that) with N from 1; anything else changes nothing.
    """
    verb, _, number = action.rpartition("-")
    at = int(number) - 1 if number.isdecimal() and len(number) < 5 else -1
    files, steps, peers = list(state.files), list(state.steps), list(state.peers)
    archives, attached, layers = list(state.archives), list(state.attached), list(state.layers)
    removed: dict[str, list[Any]] = {
        "remove-file": files,
        "remove-archive": archives,
        "remove-attached": attached,
        "remove-layer": layers,
        "remove-peer": peers,
        "remove-step": steps,
    }
    if action == "add-file":
        files.append(FileRow("", ""))
    elif action == "add-peer":
        peers.append(PeerRow(""))
    elif action in _NEW_STEPS:
        steps.append(_NEW_STEPS[action])
    elif verb in removed and 0 <= at < len(removed[verb]):
        del removed[verb][at]
    elif verb == "add-payload" and 0 <= at < len(state.payloads):
        steps.append(StepRow("invoke", payload=state.payloads[at].text))
    elif verb in event_picker.ACTIONS and 0 <= at < len(steps):
        steps[at] = event_picker.ACTIONS[verb](steps[at], at + 1)
    elif verb == "move-step-up" and 0 < at < len(steps):
        steps.insert(at - 1, steps.pop(at))
    elif verb == "move-step-down" and 0 <= at < len(steps) - 1:
        steps.insert(at + 1, steps.pop(at))
    return replace(
        state,
        files=tuple(files),
        archives=tuple(archives),
        attached=tuple(attached),
        layers=tuple(layers),
        steps=tuple(steps),
        peers=tuple(peers),
    )


def with_errors(state: FormState, errors: Mapping[str, str]) -> FormState:
    """The form with one sentence at each field that needs mending, rows included."""
    return replace(
        state,
        errors=dict(errors),
        files=tuple(replace(row, error=errors.get(f"file-{n}", "")) for n, row in enumerate(state.files, 1)),
        steps=tuple(replace(row, error=errors.get(f"step-{n}", "")) for n, row in enumerate(state.steps, 1)),
        peers=tuple(replace(row, error=errors.get(f"peer-{n}", "")) for n, row in enumerate(state.peers, 1)),
    )


_NEW_STEPS: Final = {
    "add-invoke": StepRow("invoke", "", "{}"),
    "add-together": StepRow("together", "", "{}"),
    "add-idle": StepRow("idle", idle="5s"),
    "add-initialize": StepRow("initialize", times="1"),
    "add-recycle": StepRow("recycle"),
    "add-recycle-one": StepRow("recycle-one"),
}


def _one(fields: Fields, name: str) -> str:
    return fields.get(name, "")


def _rows(fields: Fields, *names: str) -> list[tuple[str, ...]]:
    """Repeated fields side by side; a list that is too short is filled up with empty texts."""
    return list(zip_longest(*(fields.getlist(name) for name in names), fillvalue=""))


def stored_bytes(stored: str) -> int:
    """The size that a kept zip is said to have; 0 where it is not said as it should be."""
    try:
        size = json.loads(stored)["bytes"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return 0
    return size if isinstance(size, int) else 0


def size_in_words(size: int) -> str:
    """``512 B``, ``1.5 KB``, ``12.0 MB``: as the page's script writes it too."""
    if size < limits.KB:
        return f"{size} B"
    return f"{size / limits.KB:.1f} KB" if size < limits.MB else f"{size / limits.MB:.1f} MB"


def _lines(text: str) -> str:
    """Browsers send CR LF for every line end of a text area."""
    return text.replace("\r\n", "\n")
