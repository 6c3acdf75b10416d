"""Puts the files of a function in their place, before any process of it is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .task_files import link_runtime, link_shown, write_task_files
from .transforming import transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..manifest import Runtime
    from ..wire import Configure


def put_in_place(function: Configure, runtimes: Mapping[str, Runtime], made: dict[bytes, str]) -> Runtime:
    """Its runtime, whose files are in their place, too.

    :param made: what was made of files before, see :func:`.transforming.transform`.
    """
    runtime = runtimes[function.runtime]
    files = json.loads(function.body or b"{}")
    write_task_files(files | transform(files, function.transforms, runtime.transformer, made))
    if link_shown():
        runtime = runtime.with_installed()
    link_runtime(runtime.name, trust=function.trust)
    return runtime
