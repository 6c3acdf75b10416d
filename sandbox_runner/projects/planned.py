"""One function of a project, before its files are read. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.messages import Message
    from sandbox_runner.projects.payloads import Payload
    from sandbox_runner.projects.stack_resources import Operation


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A layer whose files are in ``folder`` of the bundle, and belong below ``below`` in it, empty for its top."""

    name: str
    folder: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One function of a project.

    :ivar runtime: what plays it; empty where nothing here does.
    :ivar name: what the template calls it; empty where there is none.
    :ivar folder: the folder that becomes its task root; empty for the whole.
    :ivar file: the path of the handler's file below the task root, as far as it was found.
    :ivar settings: fields of a function in a scenario, beside its code.
    :ivar payloads: what the events are that the template connects to it.
    :ivar layers: what of the bundle is unpacked at ``/opt``.
    :ivar inline: files that are written in the template itself.
    :ivar beside: files from outside its folder that belong to it, by their paths in it.
    :ivar resources: operations that make what the template has beside its functions, as a scenario's account has them.
    :ivar said: what was not understood of it, a sentence each.
    :ivar is_elsewhere: whether its code is none of the bundle's.
    """

    runtime: str
    handler: str
    file: str = ""
    name: str = ""
    folder: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    payloads: tuple[Payload, ...] = ()
    layers: tuple[PlannedLayer, ...] = ()
    inline: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Operation, ...] = ()
    said: tuple[Message, ...] = ()
    is_elsewhere: bool = False


def joined(folder: str, path: str) -> str | None:
    """The folder of a bundle that ``path`` names from another; ``None`` where it leads out of the bundle."""
    found = posixpath.normpath(posixpath.join(folder, path))
    if found.startswith(("..", "/")) or "://" in path:
        return None
    return "" if found == "." else found
