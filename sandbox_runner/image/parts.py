"""What takes long to make, made side by side: Debian's files and every runtime's client.

None of them needs another, and each is kept in the cache by a name that says what it is made from, so a second build,
or one that was interrupted, makes only what is missing. Compiling a Node client is mostly one ``configure``, which
uses one processor; two clients and Debian's files together use the others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from sandbox_runner.runtimes.model import CompiledRecipe, WheelsRecipe
from sandbox_runner.runtimes.registry import RUNTIMES

from . import downloads
from .node_client import node_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


def make_parts(make_base: Callable[[], T]) -> T:
    """Make what is not in the cache yet; returns what ``make_base``, the maker of Debian's files, returned.

    :raises BackendUnavailable: one of them cannot be made; the others are finished first, and stay in the cache.
    """
    with ThreadPoolExecutor(1 + len(RUNTIMES), thread_name_prefix="image-part") as pool:
        debian = pool.submit(make_base)
        clients = [pool.submit(client_of, runtime.recipe) for runtime in RUNTIMES]
    for client in clients:
        client.result()
    return debian.result()


def client_of(recipe: WheelsRecipe | CompiledRecipe) -> Path:
    """A folder with what the runtime's ``/var/runtime`` holds, made unless it is in the cache."""
    match recipe:
        case WheelsRecipe():
            return downloads.python_client(recipe)
        case CompiledRecipe():
            return node_client(recipe)
