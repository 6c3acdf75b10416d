"""What takes long to make, made side by side: Debian's files and every runtime's client and SDK.

None of them needs another, and each is kept in the cache by a name that says what it is made from, so a second build,
or one that was interrupted, makes only what is missing. Compiling a Node client is mostly one ``configure``, which
uses one processor; two clients and Debian's files together use the others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sandbox_runner.runtimes.model import CompiledRecipe, SystemRecipe, WheelsRecipe

from . import downloads
from .esbuild import esbuild
from .node_client import node_client
from .node_sdk import node_sdk
from .paths import cache_dir
from .selection import selected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox_runner.runtimes.model import Recipe, Runtime

    from .progress import Progress

T = TypeVar("T")


def make_parts(make_base: Callable[[], T], progress: Progress, runtimes: Sequence[Runtime] | None = None) -> T:
    """Make what is not in the cache yet; returns what ``make_base``, the maker of Debian's files, returned.

    :param runtimes: those of the image; by default the usual one's.
    :raises BackendUnavailable: one of them cannot be made; the others are finished first, and stay in the cache.
    """
    makers: dict[str, Callable[[], Path]] = {}
    for runtime in runtimes or selected():
        makers[runtime.identifier] = partial(client_of, runtime.recipe)
        if not isinstance(runtime.recipe, SystemRecipe):
            makers[f"{runtime.identifier}-sdk"] = partial(sdk_of, runtime.recipe)
        if isinstance(runtime.recipe, CompiledRecipe):
            makers["esbuild"] = partial(esbuild, runtime.recipe)
    with ThreadPoolExecutor(1 + len(makers), thread_name_prefix="image-part") as pool:
        debian = pool.submit(progress.part("debian")(make_base))
        others = [pool.submit(progress.part(name)(make)) for name, make in makers.items()]
    for other in others:
        other.result()
    return debian.result()


def client_of(recipe: Recipe) -> Path:
    """A folder with what the runtime's ``/var/runtime`` holds, made unless it is in the cache."""
    match recipe:
        case WheelsRecipe():
            return downloads.python_client(recipe)
        case CompiledRecipe():
            return node_client(recipe)
        case SystemRecipe():
            nothing = cache_dir() / "no-client"
            nothing.mkdir(parents=True, exist_ok=True)
            return nothing


def sdk_of(recipe: WheelsRecipe | CompiledRecipe) -> Path:
    """A folder with the packages of AWS's SDK as the runtime has them, made unless it is in the cache."""
    match recipe:
        case WheelsRecipe():
            return downloads.python_sdk(recipe)
        case CompiledRecipe():
            return node_sdk(recipe)
