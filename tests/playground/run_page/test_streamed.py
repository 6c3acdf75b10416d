"""How a streamed answer came: in the request's row, and as signs at its bar."""

from playground.run_page.request_parts.streamed import shown_answer, streamed_row
from playground.run_page.timeline.timeline import draw
from playground.text.display_text import plain
from sandbox_runner.results.parts import Chunk, StreamedResult
from tests.playground.run_results import environment, invocation

CHUNKS = (Chunk(at_us=44_500, bytes=5), Chunk(at_us=46_000, bytes=1))


def streamed(**varied):
    return invocation(streamed=StreamedResult(chunks=CHUNKS, **varied))


def test_a_row_says_when_each_part_came_and_what_is_not_listed():
    row = streamed_row(streamed(chunks_left_out=3))
    assert row.summary == "Streamed in 5 parts, the first 44 ms after the request arrived"
    assert row.parts == (("44 ms", "5 bytes"), ("45 ms", "1 byte"))
    assert (row.more, row.failure) == (3, None)


def test_a_row_says_what_failed_after_the_first_byte():
    row = streamed_row(streamed(failure='{"errorType":"E"}'))
    assert row.summary.endswith("; it failed after its first byte")
    assert '"E"' in plain(row.failure)


def test_an_answer_that_came_as_a_whole_has_no_such_row():
    assert streamed_row(invocation()) is None


def test_each_part_has_a_sign_at_its_requests_bar():
    lane, *_ = draw((environment(),), (streamed(), invocation(2)), ()).lanes
    first, second = (mark for mark in lane.marks if mark.kind == "invoke")
    titles = [part.title for part in first.parts]
    assert titles[0] == "part 1 of the answer, 5 bytes, 44 ms after the request arrived"
    assert len(titles) == 2
    assert second.parts == ()


def test_status_and_headers_stand_on_a_line_of_their_own():
    response = '{"statusCode":201}' + "\0" * 8 + "body"
    assert shown_answer(streamed().model_copy(update={"response": response})) == '{"statusCode":201}\nbody'
    assert shown_answer(invocation(response=response)) == response
