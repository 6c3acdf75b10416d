"""AWS's runtime clients for Node stream: parts are heard when the handler writes them, and errors after them."""

import json
import threading
import time
from textwrap import dedent

import pytest

from sandbox_runner.live.http import HttpRequest
from sandbox_runner.live.visitors import Visit, Visitors
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions
from tests.builders import scenario
from tests.clients.cases import NODE_22, NODE_24
from tests.playing import played

WAIT_S = 0.4
TWO_PARTS = dedent(f"""
    import {{ setTimeout }} from "node:timers/promises"
    export const handler = awslambda.streamifyResponse(async (event, stream, context) => {{
      stream.write("first")
      await setTimeout({WAIT_S * 1000})
      stream.write(" second")
      stream.end()
    }})
""")
LATE_ERROR = dedent("""
    import { setTimeout } from "node:timers/promises"
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write("first")
      await setTimeout(50)
      throw new TypeError("too late")
    })
""")
WITH_HEAD = dedent(f"""
    import {{ setTimeout }} from "node:timers/promises"
    export const handler = awslambda.streamifyResponse(async (event, stream) => {{
      stream = awslambda.HttpResponseStream.from(stream, {{statusCode: 201, headers: {{"x-made": "yes"}}}})
      stream.write("first")
      await setTimeout({WAIT_S * 1000})
      stream.end(" second")
    }})
""")


@pytest.mark.smoke
@pytest.mark.parametrize("runtime", [NODE_22, NODE_24])
def test_the_times_of_a_streamed_answers_parts_are_those_of_the_writes(engine, runtime):
    _cold, told = played(engine, TWO_PARTS, 1, 2, runtime=runtime).invocations
    first, second = told.streamed.chunks
    assert (told.response, told.outcome, first.bytes, second.bytes) == ("first second", Outcome.SUCCESS, 5, 7)
    assert (second.at_us - first.at_us) / 1_000_000 >= WAIT_S / 10


@pytest.mark.parametrize("runtime", [NODE_22, NODE_24])
def test_an_error_after_the_first_byte_is_told_beside_what_had_come(engine, runtime):
    (told,) = played(engine, LATE_ERROR, 1, runtime=runtime).invocations
    assert (told.response, told.outcome, told.error_type) == ("first", Outcome.FUNCTION_ERROR, "TypeError")
    assert json.loads(told.streamed.failure)["errorMessage"] == "too late"


def test_a_stream_that_is_not_ended_in_time_times_out_after_what_had_come(engine):
    code = TWO_PARTS.replace(str(WAIT_S * 1000), "5000")
    (told,) = played(engine, code, 1, runtime=NODE_24, timeout_s=1).invocations
    assert (told.response, told.outcome) == ("first", Outcome.TIMEOUT)


def test_a_client_of_the_url_has_the_first_byte_before_the_handler_ends(engine):
    visitors = Visitors(idle_s=60, total_s=60, at_most_s=60)
    asked = scenario(runtime=NODE_24, files={"app.mjs": WITH_HEAD})
    heard, over, results = [], threading.Event(), []

    def tell(told):
        heard.append((time.monotonic(), told))
        if told.is_last:
            over.set()

    playing = threading.Thread(
        target=lambda: results.append(engine.run(asked, options=RunOptions(prove=False, visitors=visitors)))
    )
    playing.start()
    visitors.come(Visit(HttpRequest("GET", "/", "", (), b"", "203.0.113.7"), tell))
    assert over.wait(60)
    visitors.come("end")
    playing.join()

    (first_at, first), *_, (last_at, last) = heard
    assert (first.status, dict(first.headers)["x-made"], last.is_broken) == (201, "yes", False)
    assert b"".join(each.body for _, each in heard) == b"first second"
    assert last_at - first_at >= WAIT_S / 10
