"""Names of packages that begin as somebody types: from the list of a PyPI index, by the search of an npm registry.

A PyPI index has no search. Its list of names, tens of MB on the public one, is fetched once a day and kept on disk, and
only where ``HOLDOVER_PYPI_INDEX`` says so; the index that pip of this machine happens to use is not asked for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import re
import time
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import httpx

from sandbox_runner.dependencies.index import VARIABLES, is_on, reachable
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.limits import MB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sandbox_runner.dependencies.index import ReachableIndex
    from sandbox_runner.runtimes.requirements import Index

NAMES_MAX: Final = 10
"""The most names that are told at once."""
LIST_BYTES_MAX: Final = 64 * MB
"""The largest list that is read."""
_SEARCH_BYTES_MAX: Final = 1 * MB
_KEPT_S: Final = 24 * 3600
_SEARCH_KEPT_S: Final = 3600
# After an index did not answer, or has no such list.
_GIVEN_UP_S: Final = 300
_LIST_S: Final = 30
_SEARCH_S: Final = 3.0
# Of the names that begin alike, those that are looked at for the shortest.
_LOOKED_AT_MAX: Final = 20_000
_BEGINNING: Final = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_NAME: Final = re.compile(
    rb'"name"\s*:\s*"(?P<json>[A-Za-z0-9._-]{1,100})"|<a\b[^>]*>\s*(?P<html>[A-Za-z0-9._-]{1,100})\s*</a>'
)
_HALF_A_NAME_BYTES: Final = 1_000
# https://packaging.python.org/en/latest/specifications/simple-repository-api/: the list, as JSON or as HTML.
_LIST_KINDS: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
# Questions that this process asks at the same time; who comes then is told nothing.
_ASKING: Final = BoundedSemaphore(2)


class NotOfferedError(Exception):
    """The index does not say which names it has, or not now."""


def beginning(index: Index, typed: str, folder: Path, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Names in that index that begin with what was typed, the shortest first. Blocks.

    :param folder: where lists are kept.
    :raises NotOfferedError: there are none to be had.
    """
    found = _reachable(index, environment)
    if found is None or not _ASKING.acquire(blocking=False):
        raise NotOfferedError
    try:
        if index == "npm":
            return _searched(found, typed.lower(), int(time.time() // _SEARCH_KEPT_S)) if _is_name(typed) else ()
        path = _list_of(found, folder)
        return _in_list(path, _normal(typed)) if _is_name(typed) else ()
    except (httpx.HTTPError, httpx.InvalidURL, BackendUnavailable, OSError, ValueError, KeyError, TypeError) as problem:
        _give_up(found)
        raise NotOfferedError from problem
    finally:
        _ASKING.release()


def _reachable(index: Index, environment: Mapping[str, str]) -> ReachableIndex | None:
    if not is_on(environment) or (index == "pypi" and not environment.get(VARIABLES[index])):
        return None
    try:
        found = reachable(index, environment)
    except BackendUnavailable:
        return None
    return None if found is None or _GIVEN_UP.get(found, 0.0) > time.monotonic() else found


_GIVEN_UP: Final[dict[ReachableIndex, float]] = {}


def _give_up(index: ReachableIndex) -> None:
    _GIVEN_UP[index] = time.monotonic() + _GIVEN_UP_S


def _is_name(typed: str) -> bool:
    return len(typed) > 1 and bool(_BEGINNING.fullmatch(typed))


def _normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/ ."""
    return re.sub(r"[-_.]+", "-", name).lower()


# --- npm: https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#get-v1search ------------------------------


@lru_cache(maxsize=1_000)
def _searched(index: ReachableIndex, typed: str, _hour: int) -> tuple[str, ...]:
    url = f"{index.address.base}/-/v1/search?text={quote(typed, safe='')}&size=50"
    body = b"".join(_read(index, url, "application/json", _SEARCH_BYTES_MAX, _SEARCH_S))
    names = (each["package"]["name"] for each in httpx.Response(200, content=body).json()["objects"])
    return tuple(each for each in names if isinstance(each, str) and each.startswith(typed))[:NAMES_MAX]


# --- PyPI ------------------------------------------------------------------------------------------------------------


def _list_of(index: ReachableIndex, folder: Path) -> Path:
    """The file with every name of the index, one a line, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(index.address.base.encode()).hexdigest()[:32]}.txt"
    if path.exists() and time.time() - path.stat().st_mtime < _KEPT_S:
        return path
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Somebody else fetches it; the one before is good enough.
            if path.exists():
                return path
            raise NotOfferedError from None
        names = sorted(_listed(index))
        if not names:
            raise ValueError("the index lists no names")
        whole = path.with_suffix(".part")
        whole.write_text("\n".join(names) + "\n", encoding="ascii")
        whole.replace(path)
    return path


def _listed(index: ReachableIndex) -> set[str]:
    found: set[str] = set()
    pending = b""
    for part in _read(index, f"{index.address.base}/", _LIST_KINDS, LIST_BYTES_MAX, _LIST_S):
        pending += part
        end = 0
        for each in _NAME.finditer(pending):
            found.add(_normal((each["json"] or each["html"]).decode("ascii")))
            end = each.end()
        pending = pending[max(end, len(pending) - _HALF_A_NAME_BYTES) :]
    return found


def _in_list(path: Path, typed: str) -> tuple[str, ...]:
    wanted = typed.encode("ascii")
    names: list[str] = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        lines.seek(_first(lines, wanted))
        while (line := lines.readline()).startswith(wanted) and len(names) < _LOOKED_AT_MAX:
            names.append(line.rstrip(b"\n").decode("ascii"))
    return tuple(sorted(names, key=len)[:NAMES_MAX])


def _first(lines: mmap.mmap, wanted: bytes) -> int:
    """Where the first line begins that does not stand before ``wanted``."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        start, end = lines.rfind(b"\n", 0, middle) + 1, lines.find(b"\n", middle)
        if lines[start:end] < wanted:
            low = end + 1
        else:
            high = start
    return low


def _read(index: ReachableIndex, url: str, kinds: str, most: int, seconds: float) -> Iterator[bytes]:
    """The body at that address.

    :raises httpx.HTTPError: there is none, it is too large, or it takes too long.
    """
    until = time.monotonic() + seconds
    headers = {"Accept": kinds, **index.address.headers(url)}
    with (
        httpx.Client(verify=index.trust(), timeout=seconds) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_bytes():
            most -= len(part)
            if most < 0 or time.monotonic() > until:
                raise httpx.DecodingError("more than is read of an index")
            yield part
