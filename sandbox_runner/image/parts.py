"""What takes long to make, made side by side: Debian's files and every runtime's client.

None of them needs another, and each is kept in the cache by a name that says what it is made from, so a second build,
or one that was interrupted, makes only what is missing. Compiling a Node client is mostly one ``configure``, which
uses one processor; two clients and Debian's files together use the others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from . import downloads, pins
from .node_client import node_client

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def make_parts(make_base: Callable[[], T]) -> T:
    """Make what is not in the cache yet; returns what ``make_base``, the maker of Debian's files, returned.

    :raises BackendUnavailable: one of them cannot be made; the others are finished first, and stay in the cache.
    """
    with ThreadPoolExecutor(2 + len(pins.NODES), thread_name_prefix="image-part") as pool:
        debian = pool.submit(make_base)
        clients = [pool.submit(downloads.python_client), *(pool.submit(node_client, node) for node in pins.NODES)]
    for client in clients:
        client.result()
    return debian.result()
