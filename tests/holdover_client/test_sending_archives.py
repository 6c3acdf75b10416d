"""A push sends the zips that its scenario names, those that the server does not have."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from holdover_client.command import main
from sandbox_runner.limits import ATTACHED_BYTES_MAX

SCENARIO = """
function: {runtime: python3.13, handler: app.handler, files: {app.py: x}, layers: [large.zip]}
steps: [{invoke: {payload: 1}}]
"""
REFUSED = json.dumps({"detail": "you have 2 MB of zips kept here"}).encode()


class Site:
    """A server that keeps zips, and refuses every run.

    :ivar sent: what was sent, by digest.
    """

    def __init__(self, *, status=200):
        self.sent, self.scenarios = {}, []
        sent, scenarios = self.sent, self.scenarios

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(200 if self.path.rpartition("/")[2] in sent else 404, b"{}")

            def do_PUT(self):
                assert self.headers["Content-Type"] == "application/zip"
                sent[self.path.rpartition("/")[2]] = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(status, REFUSED if status != 200 else b"{}")

            def do_POST(self):
                scenarios.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["scenario"])
                self.answer(422, b'{"detail": "No."}')

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/problem+json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serve():
    sites = []

    def start(**more):
        sites.append(Site(**more))
        return sites[-1]

    yield start
    for site in sites:
        site.close()


@pytest.fixture
def scenario_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("python/large.bin", bytes(ATTACHED_BYTES_MAX + 1))
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO)
    return file


def push(path, url):
    err = io.StringIO()
    return main(["push", str(path), "--url", url], out=io.StringIO(), err=err), err.getvalue()


def test_a_zip_is_sent_byte_by_byte_and_once(serve, scenario_file):
    site, data = serve(), (scenario_file.parent / "large.zip").read_bytes()

    push(scenario_file, site.url)
    assert site.sent == {hashlib.sha256(data).hexdigest(): data}
    layer = {"name": "large.zip", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    assert [each["function"]["layers"] for each in site.scenarios] == [[layer]]

    site.sent[layer["sha256"]] = b"there already"
    push(scenario_file, site.url)
    assert site.sent[layer["sha256"]] == b"there already"


def test_a_folder_with_a_large_file_is_sent_as_a_zip(serve, tmp_path):
    (tmp_path / "app.py").write_text("def lambda_handler(event, context): return 1\n")
    (tmp_path / "model.bin").write_bytes(bytes(ATTACHED_BYTES_MAX + 1))
    site = serve()

    push(tmp_path, site.url)

    (function,) = (each["function"] for each in site.scenarios)
    assert list(function["files"]) == ["app.py"]
    kept = zipfile.ZipFile(io.BytesIO(site.sent[function["archive"]["sha256"]]))
    assert kept.namelist() == ["app.py", "model.bin"]


def test_a_zip_that_the_server_does_not_take_is_its_own_sentence(serve, scenario_file):
    status, said = push(scenario_file, serve(status=422).url)

    assert (status, "says no: you have 2 MB of zips kept here" in said) == (2, True)
