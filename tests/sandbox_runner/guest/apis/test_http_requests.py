"""The request parser: the same requests however the bytes arrive, and an end to every attempt to fill memory."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.apis.http_requests import HEAD_BYTES_MAX, BadRequestError, RequestParser

LIMIT = 64
STREAM = (
    b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n"
    b"POST /a/response HTTP/1.1\r\nContent-Type: application/json\r\nCONTENT-LENGTH: 5\r\n\r\nhello"
    b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
    b"POST /c HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


def requests_of(pieces, limit=LIMIT):
    parser, found = RequestParser(limit), []
    for piece in pieces:
        parser.feed(piece)
        while (request := parser.next_request()) is not None:
            found.append((request.method, request.path, request.body, request.size, request.keep_alive))
    return found


WHOLE = [
    (b"GET", b"/2018-06-01/runtime/invocation/next", b"", 0, True),
    (b"POST", b"/a/response", b"hello", 5, True),
    (b"POST", b"/b", b"abc0123456789", 13, True),
    (b"POST", b"/c", b"", 0, False),
]


def test_pipelined_requests_come_out_in_order():
    assert requests_of([STREAM]) == WHOLE


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_the_same_requests_come_out_however_the_bytes_are_cut(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]

    assert requests_of([STREAM[a:b] for a, b in itertools.pairwise(edges)]) == WHOLE


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_waited_for_and_nothing_else(garbage):
    parser = RequestParser(LIMIT)
    parser.feed(garbage)
    while True:
        try:
            if parser.next_request() is None:
                break
        except BadRequestError:
            break
    assert parser.held <= len(garbage)


@pytest.mark.parametrize("framing", ["sized", "chunked"])
def test_a_body_over_the_limit_is_counted_and_not_kept(framing):
    body = b"x" * 1000
    if framing == "sized":
        stream = b"POST /r HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + body
    else:
        stream = b"POST /r HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3E8\r\n" + body + b"\r\n0\r\n\r\n"

    [(_, _, kept, size, _)] = requests_of([stream])

    assert (len(kept), size) == (LIMIT, 1000)


def test_what_is_held_of_an_endless_body_stays_at_the_limit():
    parser = RequestParser(LIMIT)
    parser.feed(b"POST /r HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n")
    for _ in range(100):
        parser.feed(b"x" * 10_000)
        assert parser.next_request() is None
        assert parser.held <= LIMIT


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        pytest.param(b"x" * (HEAD_BYTES_MAX + 5), 431, id="a head without end"),
        pytest.param(b"GET / HTTP/1.1\r\nA: " + b"x" * HEAD_BYTES_MAX + b"\r\n\r\n", 431, id="a head over the limit"),
        pytest.param(b"GET /\r\n\r\n", 400, id="no version"),
        pytest.param(b"GET / HTTP/2\r\n\r\n", 400, id="another version"),
        pytest.param(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, id="a line that is no header"),
        pytest.param(b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400, id="a folded header"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, id="a negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n", 400, id="a length that is no number"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400, id="5,000 digits"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400, id="another encoding"),
        pytest.param(
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, id="two lengths"
        ),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, id="a chunk without a size"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 999, 400, id="a size line"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 400, id="a chunk too long"),
    ],
)
def test_what_is_no_request_is_refused(stream, status):
    parser = RequestParser(LIMIT)
    parser.feed(stream)

    with pytest.raises(BadRequestError) as refused:
        parser.next_request()

    assert refused.value.status == status


def test_trailers_cannot_go_on_for_ever():
    parser = RequestParser(LIMIT)
    parser.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    parser.feed((b"T: " + b"x" * 1000 + b"\r\n") * 1100)

    with pytest.raises(BadRequestError):
        parser.next_request()


def test_a_peer_that_waits_to_be_told_is_seen_to_wait():
    parser = RequestParser(LIMIT)
    parser.feed(b"POST /r HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")

    assert parser.next_request() is None
    assert parser.wants_continue
    parser.feed(b"ok")
    assert parser.next_request().body == b"ok"


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"HTTP/1.1", True),
        (b"HTTP/1.1\r\nConnection: close", False),
        (b"HTTP/1.0", False),
        (b"HTTP/1.0\r\nConnection: Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_its_version_says(head, kept):
    [(_, _, _, _, keep_alive)] = requests_of([b"GET / " + head + b"\r\n\r\n"])

    assert keep_alive is kept
