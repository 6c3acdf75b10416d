"""From a form to the scenario it means, and back. Pure.

What only the form knows (rows, lines, texts that should be numbers) is checked here, every field at once. What a
scenario may be is the emulator's to say; its sentence is put beside the field that it is about.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from playground.editor.account_field import account_mapping, account_text
from playground.editor.all_problems import problems
from playground.editor.extensions_field import extensions_mapping, extensions_text
from playground.editor.form_state import ArchiveRow, AttachedRow, FileRow, FormState, LayerRow, PeerRow
from playground.editor.settings import BY_NAME, seconds_text, settings_mapping, typed_settings
from playground.editor.steps import Written, rows_of, say_too, written
from playground.i18n.marking import N_, _, language
from sandbox_runner import limits
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import render
from sandbox_runner.runtimes.registry import PLAYED, runtime_of
from sandbox_runner.runtimes.requirements import RefusedRequirementError, asks_for_packages
from sandbox_runner.scenario.reader import parse_scenario, read_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox_runner.runtimes.requirements import Packages
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.scenario.parts import Peer

_PLAIN_FIELDS: Final = ("runtime", "handler", "memory_mb", "timeout_s", "environment", "account", "extensions")

_WORDS: Final = {
    "runtime": N_("the runtime"),
    "handler": N_("the handler"),
    "memory_mb": N_("memory"),
    "timeout_s": N_("the timeout"),
    "environment": N_("the environment"),
    "account": N_("AWS services"),
    "extensions": N_("Extensions"),
    "files": N_("the files"),
}


_PEER_WORDS: Final = {
    "name": N_("the name"),
    "port": N_("the port"),
    "max_clients": N_("the number of clients"),
    "greeting": N_("the greeting"),
    "delay": N_("the delay"),
    "close_after": N_("the closing time"),
}
_PEER_PLACE: Final = re.compile(r"peers\[(\d+)\](?:\.(\w+))?")
_NO_PEER: Final = PeerRow("")


class FormError(Exception):
    """The form means no scenario. ``errors`` maps each field to its sentence, as :class:`FormState` has it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def scenario_of(state: FormState) -> Scenario:
    """The scenario that the form means.

    :raises FormError: it means none; every field that needs mending has its sentence.
    """
    if state.scenario_text.strip():
        return _pasted(state.scenario_text)
    errors: dict[str, str] = {}
    steps = written(state.steps, errors)
    mapping = _mapping(state, steps, errors)
    if not errors:
        with suppress(ScenarioError):
            return parse_scenario(mapping)
    # A row that means nothing yet is not in the mapping, and what is said of all rows may come from that.
    unsaid = {f"{field.partition('-')[0]}s" for field in errors} | ({"form"} if errors else set())
    for error in problems(mapping):
        for field in _form_fields(error, state, steps):
            if field == "environment":
                say_too(errors, field, _said(error, state, steps).rstrip(".") + ".")
            elif field not in unsaid and not ("files" in errors and field.startswith("file-")):
                errors.setdefault(field, _said(error, state, steps))
    raise FormError(errors)


def form_of(scenario: Scenario, *, parent: str = "") -> FormState:
    """The form that means ``scenario``; what the form has no field for is written as a pasted scenario."""
    function = scenario.function
    if function is None:
        # The form has fields for one function.
        return FormState(scenario_text=json.dumps(scenario.to_json(), indent=2), parent=parent)
    state = FormState(
        runtime=function.runtime,
        handler=function.handler,
        memory_mb=str(function.memory_mb),
        timeout_s=str(function.timeout_s),
        environment="\n".join(f"{name}={value}" for name, value in function.environment.items()),
        account=account_text(scenario.account),
        extensions=extensions_text(function.extensions),
        files=tuple(FileRow(name, text) for name, text in function.files.items()),
        attached=tuple(AttachedRow(name, written) for name, written in function.attached_files.items()),
        archives=() if function.archive is None else (ArchiveRow.of(function.archive.model_dump()),),
        layers=tuple(LayerRow.of(each.model_dump()) for each in function.layers),
        steps=tuple(row for step in scenario.steps for row in rows_of(step)),
        settings=typed_settings(scenario, function),
        peers=tuple(_peer_row(peer) for peer in scenario.peers),
        parent=parent,
    )
    if _says_the_same(state, scenario):
        return state
    return FormState(scenario_text=json.dumps(scenario.to_json(), indent=2), parent=parent)


def _says_the_same(state: FormState, scenario: Scenario) -> bool:
    """But for packages, which the form installs wherever they are asked for, as a scenario of version 2 does."""
    try:
        return _installing(scenario_of(state)) == _installing(scenario)
    except FormError:
        return False


def _installing(scenario: Scenario) -> Scenario:
    function = scenario.function
    if function is None or function.dependencies == "none":
        return scenario
    return scenario.model_copy(
        update={"version": 1, "function": function.model_copy(update={"dependencies": None})},
    )


def _pasted(text: str) -> Scenario:
    try:
        return read_scenario(text)
    except ScenarioError as error:
        raise FormError({"scenario": error.told(language())}) from None


def _mapping(state: FormState, steps: Written, errors: dict[str, str]) -> dict[str, Any]:
    """The scenario as a mapping. Adds to ``errors``."""
    of_scenario, of_function = settings_mapping(state.settings, errors)
    function = {
        "runtime": state.runtime,
        "handler": state.handler,
        "memory_mb": _whole(state.memory_mb, "memory_mb", _("Memory"), "MB", errors),
        "timeout_s": _whole(state.timeout_s, "timeout_s", _("Timeout"), _("seconds"), errors),
        "environment": variables_of(state.environment, errors),
        **_with_dependencies(state, _files(state, errors), errors),
        **extensions_mapping(state.extensions, errors),
        **(
            {"archive": {"name": state.archives[0].name, **_stored(state.archives[0].stored)}} if state.archives else {}
        ),
        **({"layers": [_layer(row) for row in state.layers]} if state.layers else {}),
        **({"attached_files": {row.name: row.base64 for row in state.attached}} if state.attached else {}),
    }
    if not state.handler:
        errors["handler"] = _("The handler is missing; name it as file and function, like app.handler.")
    if not any(row.kind for row in state.steps):
        errors["steps"] = _("There are no steps; add at least one request.")
    peers = [_peer(number, row, errors) for number, row in _peer_rows(state)]
    return {
        "function": function | of_function,
        **of_scenario,
        **account_mapping(state.account, errors),
        **({"peers": peers} if peers else {}),
        "steps": list(steps.steps),
    }


def _whole(text: str, field: str, what: str, unit: str, errors: dict[str, str]) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    sentence = _("%(what)s is %(text)s; write a whole number of %(unit)s.")
    errors[field] = sentence % {"what": what, "text": repr(text[:40]), "unit": unit}
    return 0


def variables_of(text: str, errors: dict[str, str]) -> dict[str, str]:
    """The environment variables of the form's lines. Adds to ``errors``."""
    variables: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals:
            said = _("Line %(number)s of the environment has no “=”; write NAME=value.")
            say_too(errors, "environment", said % {"number": number})
            continue
        if name.strip() in variables:
            said = _("Line %(number)s of the environment sets %(strip)s a second time; keep one.")
            say_too(errors, "environment", said % {"number": number, "strip": name.strip()})
        variables[name.strip()] = value
    return variables


def _files(state: FormState, errors: dict[str, str]) -> dict[str, str]:
    files: dict[str, str] = {}
    for number, row in enumerate(state.files, 1):
        if not row.name and not row.text.strip():
            continue
        if not row.name:
            errors[f"file-{number}"] = _("File %(number)s has no name; give it one, like app.py.") % {"number": number}
        elif row.name in files:
            errors[f"file-{number}"] = _("Two files are named %(name)s; rename one.") % {"name": row.name}
        elif (size := len(row.text.encode("utf-8", "surrogatepass"))) > limits.FILE_BYTES_MAX:
            errors[f"file-{number}"] = _(
                "%(name)s has %(size)s bytes; at most %(file_bytes_max)s (256 KB) can be played."
            ) % {"name": row.name, "size": f"{size:,}", "file_bytes_max": f"{limits.FILE_BYTES_MAX:,}"}
        files[row.name] = row.text
    if not any(text.strip() for text in files.values()) and not state.archives:
        errors["files"] = _("There is no code yet; paste a handler.")
    return files


def _layer(row: LayerRow) -> dict[str, Any]:
    """What the row means; what is no JSON is left for the emulator to refuse."""
    if row.stored:
        return {"name": row.name, **_stored(row.stored)}
    try:
        files: Any = json.loads(row.files)
    except (ValueError, RecursionError):
        files = row.files[:100]
    return {"name": row.name, "files": files}


def _stored(written: str) -> dict[str, Any]:
    try:
        stored = json.loads(written)
    except (ValueError, RecursionError):
        stored = None
    return stored if isinstance(stored, dict) else {"sha256": written[:100]}


def _with_dependencies(state: FormState, files: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """The files, with the packages that are asked for in their manifest, and whether there are any to install."""
    packages = runtime_of(state.runtime).language.packages if state.runtime in PLAYED else None
    if packages is None:
        return {"files": files}
    if state.dependencies.strip():
        try:
            files[packages.manifest] = packages.add(files.get(packages.manifest, ""), state.dependencies)
            # It is of what was asked for before.
            files.pop(packages.lock, None)
        except RefusedRequirementError as refused:
            each = _refused_lines(packages, state.dependencies)
            errors["dependencies"] = " ".join(each) or render(refused.message, language())
    return {"files": files, **({"dependencies": "auto"} if asks_for_packages(packages, files) else {})}


def _refused_lines(packages: Packages, text: str) -> Iterator[str]:
    """What is said of each line that names no package; empty where the lines are refused only together."""
    for before, line in enumerate(text.split("\n")):
        try:
            packages.add("", "\n" * before + line)
        except RefusedRequirementError as refused:
            yield render(refused.message, language()).rstrip(".") + "."


def _peer_rows(state: FormState) -> list[tuple[int, PeerRow]]:
    """The rows that somebody wrote something into, with their numbers."""
    return [(number, row) for number, row in enumerate(state.peers, 1) if replace(row, echo="", error="") != _NO_PEER]


def _peer(number: int, row: PeerRow, errors: dict[str, str]) -> dict[str, Any]:
    if not row.name:
        errors[f"peer-{number}"] = _("Peer %(number)s has no name; give it one, like backend.") % {"number": number}
    written: dict[str, Any] = {"name": row.name, "echo": row.echo != "no"}
    for field, text in (("port", row.port), ("max_clients", row.max_clients)):
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            errors[f"peer-{number}"] = _("%(what)s of peer %(number)s is %(text)s; write a whole number.") % {
                "what": _capital(_(_PEER_WORDS[field])),
                "number": number,
                "text": repr(text[:40]),
            }
        elif text:
            written[field] = int(text)
    texts = {"greeting": row.greeting, "delay": row.delay, "close_after": row.close_after}
    return written | {field: text for field, text in texts.items() if text}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _form_fields(error: ScenarioError, state: FormState, steps: Written) -> list[str]:
    """The form's names for the field that is wrong and for those that are named besides."""
    named = (error.field, *error.message.fields)
    fields = [found for field in named for found in (*_first_field(field, state, steps), *_peers_in(field, state))]
    if any(each.startswith("file-") for each in fields):
        fields = [each for each in fields if each != "files"]
    return list(dict.fromkeys(fields)) or ["form"]


def _peers_in(field: str, state: FormState) -> list[str]:
    """The row of the peer that a field is one of."""
    rows = dict(enumerate(number for number, _row in _peer_rows(state)))
    place = _PEER_PLACE.match(field)
    return [f"peer-{rows[int(place[1])]}"] if place and int(place[1]) in rows else []


def _first_field(field: str, state: FormState, steps: Written) -> list[str]:
    if field.startswith("steps"):
        row = steps.row_at(field)
        return [f"step-{row}" if row else "steps"]
    if field.startswith(("function.attached_files", "function.archive", "function.layers")):
        return ["files"]
    if field.startswith("function.files"):
        named = [n for n, row in enumerate(state.files, 1) if row.name and row.name in field]
        return [f"file-{named[0]}" if len(named) == 1 else "files"]
    name = field.removeprefix("function.").split(".")[0]
    return [name] if name in (*_PLAIN_FIELDS, *BY_NAME, "peers") else []


def _said(error: ScenarioError, state: FormState, steps: Written) -> str:
    """What is wrong, with the form's words for the fields that are named."""
    rows = dict(enumerate(number for number, _row in _peer_rows(state)))

    def name_of(field: str) -> str:
        if words := steps.words_of(field):
            return words
        if peer := _PEER_PLACE.fullmatch(field):
            what = _(_PEER_WORDS.get(peer[2] or "", N_("the entry")))
            number = rows.get(int(peer[1]), int(peer[1]) + 1)
            return _("%(what)s of peer %(number)s") % {"what": what, "number": number}
        name = field.removeprefix("function.").split(".")[0]
        if name in BY_NAME:
            words = _(BY_NAME[name].words)
            return words[:1].lower() + words[1:]
        return _(_WORDS[name]) if name in _WORDS else field

    said = render(error.message, language(), name_of)
    return _capital(said)


def _peer_row(peer: Peer) -> PeerRow:
    """What a person would have typed for it; the defaults are left empty, but for the port, which is read about."""
    return PeerRow(
        peer.name,
        str(peer.port),
        "" if peer.max_clients is None else str(peer.max_clients),
        peer.greeting,
        "" if peer.echo else "no",
        seconds_text(peer.delay) if peer.delay else "",
        "" if peer.close_after is None else seconds_text(peer.close_after),
    )
