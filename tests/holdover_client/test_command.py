"""The command line where no playground answers as one."""

import io
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from holdover_client.command import main
from holdover_client.server import Server
from tests.builders import scenario

SCENARIO = (
    "function: {runtime: python3.13, handler: app.handler, files: {app.py: x}}\nsteps: [{invoke: {payload: 1}}]\n"
)


@pytest.fixture
def scenario_file(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text(SCENARIO)
    return str(file)


@pytest.fixture
def serve():
    """Starts a web server that answers everything alike; gives its address."""
    servers = []

    def start(status, body, kind="text/html"):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    return main(arguments, out=out, err=err), out.getvalue(), err.getvalue()


def test_a_server_that_is_away_is_one_sentence_with_the_cure(scenario_file):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    status, out, err = run("push", scenario_file, "--url", url)

    assert (status, out) == (2, "")
    assert err == f"{url} does not answer; start a playground there with make run, or name another with --url\n"


ANSWERS = {
    "a web page": ((404, b"<html>", "text/html"), "but not as a playground does"),
    "a page that is fine": ((200, b"<html>", "text/html"), "but not as a playground does"),
    "JSON of something else": ((200, b'{"ok": true}', "application/json"), "but not as a playground does"),
    "a list": ((200, b"[]", "application/json"), "but not as a playground does"),
    "a redirect": ((301, b"", "text/html"), "status 301"),
    "a refusal": ((429, b'{"detail": "Not now."}', "application/problem+json"), "says no: Not now."),
    "control characters": ((422, b'{"detail": "a\\u001b[2Jb"}', "application/problem+json"), "a\\x1b[2Jb"),
}


@pytest.mark.parametrize(("answer", "words"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_no_run_is_one_sentence(scenario_file, serve, answer, words):
    code, out, err = run("push", scenario_file, "--url", serve(*answer))

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_what_is_worth_mending_is_read_with_the_run(serve):
    sent = {"id": "r", "url": "u", "api_url": "a"}
    for advice, said in (({"advice": {"messages": [], "sentence": "Requests 1, 2 send the same."}}, True), ({}, False)):
        url = serve(202, json.dumps(sent | advice).encode(), "application/json")
        with Server(url) as server:
            started = server.start(scenario())
        assert (started.id, bool(started.advice)) == ("r", said)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "", "http://"])
def test_an_address_that_is_none_is_one_sentence(scenario_file, url):
    code, out, err = run("push", scenario_file, f"--url={url}")

    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_scenario_that_cannot_be_played_is_not_sent(tmp_path):
    file = tmp_path / "scenario.yaml"
    file.write_text("function: {}\n")

    code, _, err = run("push", str(tmp_path), "--url", "http://nowhere.invalid")

    assert (code, err.startswith(f"{file}:1:")) == (2, True)
