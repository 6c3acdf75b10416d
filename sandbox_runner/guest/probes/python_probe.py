"""Starts awslambdaric as ``python -m awslambdaric HANDLER`` would, with a state walk after each answer.

In: ``python_probe.py FD LEAVES_MAX BYTES_MAX HANDLER [RESTORE]``; ``FD`` is an open descriptor for frames, ``RESTORE``
the JSON ``{"after": requests, "places": [name, …]}`` of what is put back to its state after init: with it nothing is
walked or written. Out, on ``FD``: a 4-byte big-endian length, then JSON ``{"after", "request_id", "nodes", "truncated",
"took_us", "leaves", "disturbed", "late", "written"}``, once before the first event is asked for and once after each
answer, before the next event is asked for.

User code must not notice: ``sys.argv``, ``sys.path``, ``__main__`` and the loader's errors are those of the normal
start, and none of our frames is on the stack above the client's when the handler runs.
"""

import importlib
import os
import runpy  # noqa: F401 - used through globals(), which the last line empties
import sys


def _start() -> None:
    descriptor, leaves_max, bytes_max, handler, *restore = filter(None, sys.argv[1:6])
    sys.path[0] = os.path.dirname(sys.path[0])  # noqa: PTH120 - pathlib would be loaded before user code could be
    capture = importlib.import_module("probes.python_capture")
    restorers = [importlib.import_module("probes.python_restore").Restorer(order) for order in restore]
    for name in [name for name in sys.modules if name.partition(".")[0] == "probes"]:
        del sys.modules[name]
    sys.path[0] = os.getcwd()  # noqa: PTH109 - the same
    sys.argv[1:] = [handler]
    capture.install(int(descriptor), int(leaves_max), int(bytes_max), *restorers)


if __name__ == "__main__":
    _start()
    for _name in ("_start", "importlib", "os", "sys", "_name"):
        globals().pop(_name, None)
    # What ``python -m`` itself calls: anything else would add other frames and another ``__main__`` before user code.
    globals().pop("runpy")._run_module_as_main("awslambdaric")  # noqa: SLF001 - see above
