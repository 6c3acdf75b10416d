"""The code that a scenario names instead of containing it: a folder, a zip, layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox_runner.bundles.folder import read_path
from sandbox_runner.bundles.keeping import code_of, layer_of, room_beside
from sandbox_runner.errors import ScenarioError
from sandbox_runner.messages import say
from sandbox_runner.runtimes.registry import PLAYED, runtime_of
from sandbox_runner.scenario.functions import written_functions
from sandbox_runner.scenario.problem import Problem
from sandbox_runner.scenario.source_directory import read_directory
from sandbox_runner.scenario.validation_messages import field_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox_runner.bundles.keeping import Keeper
    from sandbox_runner.messages import Message


def _unheard(_: Message) -> None:
    """For who does not ask."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside a scenario's file.

    :ivar base: the folder that paths in it are relative to.
    :ivar told: gets what was left out of a zip or folder.
    :ivar keeper: keeps what is more than a scenario carries; without one that is refused.
    """

    base: Path
    told: Callable[[Message], None] = _unheard
    keeper: Keeper | None = None


def with_code(data: dict[str, Any], beside: Beside | None) -> dict[str, Any]:
    """The scenario with what its functions name.

    :raises Problem: it cannot be read, or nothing lies beside the scenario.
    """
    read = {
        path: _with_layers(_with_archive(_with_directory(function, path, beside), path, beside), path, beside)
        for path, function in written_functions(data)
    }
    if ("function",) in read:
        return {**data, "function": read["function",]}
    named = {path[1]: function for path, function in read.items()}
    return {**data, "functions": {**data["functions"], **named}} if named else data


def _with_directory(function: dict[str, Any], place: tuple[str, ...], beside: Beside | None) -> dict[str, Any]:
    if "directory" not in function:
        return function
    name, path = field_name(place), (*place, "directory")
    if beside is None:
        raise Problem(say("directory-elsewhere", field=f"{name}.directory", other=f"{name}.files"), *path)
    if "files" in function:
        raise Problem(say("files-and-directory", field=name), *path)
    if not isinstance(function["directory"], str):
        raise Problem(say("directory-not-text", field=f"{name}.directory"), *path)
    try:
        files = read_directory(beside.base / function["directory"], f"{name}.directory")
    except ScenarioError as problem:
        raise Problem(problem.message, *path) from None
    return {**{key: value for key, value in function.items() if key != "directory"}, "files": files}


def _with_archive(function: dict[str, Any], place: tuple[str, ...], beside: Beside | None) -> dict[str, Any]:
    """The function with the files of a zip that is a path; one that is kept already is named by its digest."""
    if "archive" not in function or isinstance(function["archive"], dict):
        return function
    name, path = field_name(place), (*place, "archive")
    if beside is None:
        raise Problem(say("archive-elsewhere", field=f"{name}.archive", other=f"{name}.files"), *path)
    if "files" in function or "attached_files" in function:
        raise Problem(say("archive-and-files", field=name), *path)
    archive = function["archive"]
    if not isinstance(archive, str):
        raise Problem(say("directory-not-text", field=f"{name}.archive"), *path)
    try:
        with read_path(beside.base / archive) as bundle:
            fields, left_out = code_of(archive, bundle, _handler_files(function), beside.keeper)
    except ScenarioError as problem:
        raise Problem(problem.message, *path) from None
    for each in (*bundle.left_out, *left_out):
        beside.told(each)
    return {**{key: value for key, value in function.items() if key != "archive"}, **fields}


def _with_layers(function: dict[str, Any], place: tuple[str, ...], beside: Beside | None) -> dict[str, Any]:
    """The function with each layer that is a path; those of a server's scenario are there already."""
    layers = function.get("layers")
    if not isinstance(layers, list) or not any(isinstance(each, str) for each in layers):
        return function
    read: list[Any] = []
    for number, each in enumerate(layers):
        path: tuple[str | int, ...] = (*place, "layers", number)
        if not isinstance(each, str):
            read.append(each)
            continue
        if beside is None:
            field = field_name(path)
            raise Problem(say("archive-elsewhere", field=field, other=f"{field}.files"), *path)
        room = room_beside({**function, "layers": [*read, *layers[number:]]})
        try:
            with read_path(beside.base / each, is_layer=True) as bundle:
                read.append(layer_of(each, bundle, room, beside.keeper))
        except ScenarioError as problem:
            raise Problem(problem.message, *path) from None
        for message in bundle.left_out:
            beside.told(message)
    return {**function, "layers": read}


def _handler_files(function: dict[str, Any]) -> tuple[str, ...]:
    runtime, handler = function.get("runtime"), function.get("handler")
    is_known = runtime in PLAYED and isinstance(handler, str)
    return runtime_of(str(runtime)).handler_files(str(handler)) if is_known else ()
