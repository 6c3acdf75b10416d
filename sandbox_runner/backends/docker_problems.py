"""Explains why a Docker engine does not answer, in a sentence for the machine's administrator."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

import requests.exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

_MET: Final = {
    errno.ECONNREFUSED: "nothing listens at {where}",
    errno.ENOENT: "there is no socket at {where}",
    errno.ECONNRESET: "{where} broke the connection off",
    errno.EPIPE: "{where} broke the connection off",
}


def root_of(problem: BaseException) -> OSError | None:
    """The connection error underneath an SDK exception; None if it is another kind of problem."""
    found = [each for each in _below(problem, set()) if isinstance(each, OSError)]
    # ``requests`` wraps errors, except for timeouts: nothing below those says more.
    plain = [each for each in found if not isinstance(each, requests.exceptions.RequestException)]
    timeouts = [each for each in found if isinstance(each, requests.exceptions.Timeout)]
    return next(iter((*timeouts, *plain, *found)), None)


def what_was_met(root: OSError, *, where: str) -> str:
    """One sentence about a failed connection to ``where``."""
    if isinstance(root, requests.exceptions.Timeout | TimeoutError):
        return f"no Docker engine answers: {where} takes too long"
    if isinstance(root, PermissionError):
        return f"this process may not use the Docker engine at {where}: {_closed(where)}"
    if isinstance(root, socket.gaierror):
        return f"no Docker engine answers: the host of {where} is not known"
    met = _MET.get(root.errno or errno.ECONNRESET, os.strerror(root.errno or 0))
    return f"no Docker engine answers: {met.format(where=where)}"


def _below(problem: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """``problem`` and its causes, deepest first; libraries keep them in any of four places."""
    if problem is None or id(problem) in seen:
        return
    seen.add(id(problem))
    inner = (problem.__cause__, problem.__context__, getattr(problem, "reason", None), *problem.args)
    for each in inner:
        if isinstance(each, BaseException):
            yield from _below(each, seen)
    yield problem


def _closed(where: str) -> str:
    try:
        owner = Path(where.removeprefix("unix://")).stat()
    except OSError:
        return "permission denied"
    return (
        f"its socket belongs to the group {owner.st_gid}, which this process is not in; "
        "put its user into that group (with compose, name the group in .env)"
    )
