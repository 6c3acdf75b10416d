"""Functions with packages: an index of the test's own, a store of its own, and runs with both."""

from __future__ import annotations

import json
import shutil

from sandbox_runner.dependencies.preparing import Dependencies
from sandbox_runner.dependencies.store import Store
from sandbox_runner.image.tools import ensure_tools
from sandbox_runner.limits import MB
from sandbox_runner.messages import render_all
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario
from tests.contract.engines import make_backend

PYTHON = "def handler(event, context):\n    import importlib\n    return importlib.import_module(event).VERSION\n"
NODE = "exports.handler = async (event) => require(event).version;\n"


class Installation:
    """An engine with packages of its own.

    :ivar index: the package index that it has.
    """

    def __init__(self, name, request, index, folder, monkeypatch):
        ensure_tools()
        for variable, value in index.variables().items():
            monkeypatch.setenv(variable, value)
        self.index = index
        self.folder = folder
        self.backend = make_backend(name, request)
        self.store = Store(folder, 4096 * MB, self.backend.forget)
        self.engine = Engine(backend=self.backend, pool=False, dependencies=Dependencies(self.store))

    def forget_all(self):
        """Remove every package that is installed."""
        for entry in self.folder.glob("[0-9a-f]*"):
            assert self.backend.forget(self.store.name_of(entry.name))
            shutil.rmtree(entry)

    def forget_recent(self):
        """What was found out a moment ago was long ago."""
        shutil.rmtree(self.folder / ".recent", ignore_errors=True)

    def close(self):
        """Leave nothing, on the engine either."""
        self.engine.close()
        self.forget_all()

    def play(self, *payloads, files=None, requirements="", package=None, locks=None, prove=False, **function):
        """The result of a request for each payload to a function that imports what its payload names."""
        asks = {"package.json": json.dumps(package)} if package else {"requirements.txt": requirements}
        code = {"index.js": NODE} if package else {"app.py": PYTHON}
        kind = {"runtime": "nodejs22.x", "handler": "index.handler"} if package else {}
        given = {
            "files": {**code, **asks, **(files or {})},
            "dependencies": "auto",
            "timeout_s": 10,
            **kind,
            **function,
        }
        return self.engine.run(
            scenario(*map(invoke, payloads), **given), options=RunOptions(prove=prove, locks=locks or {})
        )

    def drafts(self):
        """What is half made."""
        return [each for each in self.folder.glob(".*") if each.name.startswith((".draft", ".going"))]


def answers(result):
    """What the function returned to each request."""
    return [json.loads(each.response) if each.response else None for each in result.invocations]


def why(result):
    """The code of the verdict, and its sentence."""
    return result.verdict_messages[0].code, render_all(result.verdict_messages)


def installed(result):
    """Names and versions of what was installed."""
    return [(each.name, each.version) for part in result.dependencies for each in part.packages]
