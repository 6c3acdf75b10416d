"""Following a run whose server is there, however little happens, and one whose server is not."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from holdover_client.server import Server, ServerProblem, Started

STILL_HERE = b": still here\n\n"
COME_BACK = b"retry: 5000\n\n"
DONE = b'id: 9-0\nevent: done\ndata: {"status": "finished"}\n\n'


class Site:
    """A server that answers each request for events with the next of ``streams``, and says of the run what it is told.

    A stream is what is sent before the connection ends, or a status without one.
    """

    def __init__(self, *streams, state="queued"):
        self.heard = []
        waiting = iter(streams)
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if not self.path.endswith("/events"):
                    self.answer(200, "application/json", json.dumps({"status": state}).encode())
                    return
                heard.append(self.headers.get("Last-Event-ID", ""))
                stream = next(waiting, b"")
                if isinstance(stream, int):
                    self.answer(stream, "application/problem+json", b'{"detail": "Not now."}')
                elif stream:
                    self.answer(200, "text/event-stream", stream)

            def answer(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def follow(self):
        """The kinds of what is heard, with no pause between two streams."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        run = Started("a", f"{url}/r/a", f"{url}/api/v1/runs/a")
        with Server(url, again_s=0) as server:
            return [message.kind for message in server.follow(run)]


ALIVE = {
    "a comment, then the connection breaks": STILL_HERE,
    "a stream that ends properly": COME_BACK,
    "as many streams as one client may have": 429,
    "as many streams as a server may have": 503,
}


@pytest.mark.parametrize("stream", ALIVE.values(), ids=ALIVE.keys())
def test_a_server_that_answers_is_alive_however_long_the_run_waits(stream):
    with Site(*[stream] * 30, DONE) as site:
        assert site.follow() == ["done"]
        assert len(site.heard) == 31


def test_a_server_that_says_nothing_any_more_is_away():
    with Site(STILL_HERE) as site, pytest.raises(ServerProblem, match="went away while the run was followed"):
        site.follow()


def test_a_run_that_ends_while_no_stream_can_be_had_has_ended():
    with Site(503, state="finished") as site:
        assert site.follow() == []


def test_a_stream_is_taken_up_where_it_broke_off():
    with Site(b"id: 3-0\nevent: status\ndata: {}\n\n", STILL_HERE, DONE) as site:
        assert site.follow() == ["status", "done"]
        assert site.heard == ["", "3-0", "3-0"]
