"""A zip that somebody opened on the home page, and the form that its function means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from playground.editor.form_state import ArchiveRow, AttachedRow, FileRow, FoundPayload, LayerRow
from playground.editor.scenario_yaml import as_yaml
from playground.editor.settings import BY_NAME
from playground.i18n.marking import _, told
from playground.text.display_text import readable
from sandbox_runner.bundles.keeping import layer_of
from sandbox_runner.limits import ATTACHED_BYTES_MAX
from sandbox_runner.projects.project import open_function, read_project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.editor.form_state import FormState
    from sandbox_runner.bundles.bundle import Bundle
    from sandbox_runner.bundles.keeping import Keeper
    from sandbox_runner.projects.planned import Planned
    from sandbox_runner.projects.stack_resources import Operation

OPEN: Final = "open"
"""What the button of the form is called that opens a zip."""
ADD_LAYER: Final = "add-layer"
"""And the one that takes it as a layer."""
_NAME_CHARACTERS: Final = 60
_PLAIN: Final = ("runtime", "handler", "memory_mb", "timeout_s")


@dataclass(frozen=True, slots=True)
class Opening:
    """``state`` is the form as it becomes; ``said`` is what was left out and not understood, a sentence each.

    ``functions`` are those to choose from, where there are several, and ``chosen`` is the one of ``state``.
    """

    state: FormState
    summary: str
    said: tuple[str, ...]
    functions: tuple[str, ...]
    chosen: str


def opening(state: FormState, bundle: Bundle, name: str, function: str, keeper: Keeper) -> Opening:
    """The form with the files, the runtime and the handler of a bundle, and the settings that a template gives.

    :param name: what was opened.
    :param function: which function of a template; the first where it is empty.
    :param keeper: keeps what is more than a scenario carries.
    :raises ScenarioError: it cannot be opened; the sentence says why.
    """
    project = read_project(bundle)
    planned = project.function(function)
    opened = open_function(bundle, planned, name, keeper)
    names = tuple(each.name for each in project.functions if each.name)
    payloads = tuple(FoundPayload(each.name, each.text) for each in opened.payloads)
    became = replace(_with_function(state, opened.function, planned, opened.resources), payloads=payloads)
    return Opening(
        state=became,
        summary=_summary(became, name),
        said=tuple(told(each) for each in (*project.said, *opened.said)),
        functions=names if len(names) > 1 else (),
        chosen=planned.name,
    )


def _with_function(
    state: FormState, function: Mapping[str, Any], planned: Planned, resources: Sequence[Operation]
) -> FormState:
    """The form as it was, but for what the bundle and its template say. Without a handler the form's own is kept."""
    fields: dict[str, Any] = {
        name: str(function[name]) for name in _PLAIN if name in function and (planned.file or planned.name)
    }
    if resources:
        fields["account"] = as_yaml(list(resources))
    if "environment" in function:
        fields["environment"] = "\n".join(f"{name}={value}" for name, value in function["environment"].items())
    settings = {name: str(value) for name, value in function.items() if name in BY_NAME}
    return replace(
        state,
        files=tuple(FileRow(path, text) for path, text in function["files"].items()),
        attached=tuple(AttachedRow(path, text) for path, text in function.get("attached_files", {}).items()),
        archives=(ArchiveRow.of(function["archive"]),) if "archive" in function else (),
        layers=tuple(map(LayerRow.of, function.get("layers", ()))),
        settings={**state.settings, **settings},
        scenario_text="",
        errors={},
        as_written="",
        cure="",
        **fields,
    )


def with_layer(state: FormState, bundle: Bundle, name: str, keeper: Keeper) -> FormState:
    """The form with one more layer.

    :raises ScenarioError: it is damaged, or more than may be kept.
    """
    carried = sum(len(row.base64) for row in state.attached) + sum(len(row.files) for row in state.layers)
    layer = layer_of(name, bundle, ATTACHED_BYTES_MAX - carried * 3 // 4, keeper)
    return replace(state, layers=(*state.layers, LayerRow.of(layer)))


def _summary(state: FormState, name: str) -> str:
    words = {
        "name": readable(name)[:_NAME_CHARACTERS],
        "files": len(state.files) + len(state.attached),
        "runtime": state.runtime,
        "handler": state.handler[:_NAME_CHARACTERS],
    }
    return _("Opened %(name)s (files: %(files)d): runtime %(runtime)s, handler %(handler)s.") % words
