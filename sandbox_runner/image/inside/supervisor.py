# ruff: noqa: INP001 - a script that is copied into the image by itself
"""Starts the guest's supervisor, as PID 1 of a sandbox.

Run as ``/usr/bin/python3 -I -S -u /usr/lib/holdover/supervisor.py``: isolated and without ``site``, so no file that
user code could write and no variable is able to change what is imported. This folder leaves the search path again
before anything is started; the package's own imports are relative and do not need it.
"""

import dataclasses
import gc
import sys

# Whoever waits for a sandbox waits for these imports, which make no garbage; it is collected from when they are over.
gc.disable()
# asyncio takes it for TLS if it is there, which nothing here speaks.
sys.modules["ssl"] = None  # type: ignore[assignment]  # how the import system is told that there is none

_dataclass = dataclasses.dataclass


def _plain(kind: type | None = None, /, **asked: bool) -> object:
    """A dataclass without what only the host and tests need: compiling that takes a sixth of the start."""
    return _dataclass(kind, **(asked | {"frozen": False, "eq": False, "repr": False}))


dataclasses.dataclass = _plain  # type: ignore[assignment]  # takes and returns the same
sys.path.insert(0, "/usr/lib/holdover")

from guest.__main__ import main  # type: ignore[import-not-found]  # noqa: E402 - the image has it beside this file

sys.path.remove("/usr/lib/holdover")
dataclasses.dataclass = _dataclass

if __name__ == "__main__":
    main()
