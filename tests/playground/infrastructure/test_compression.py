"""Pages travel compressed, for whoever takes them so."""

from __future__ import annotations

import gzip

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from playground.infrastructure.compression import PageCompression

PAGE = b"<p>a page</p>" * 2_000


def answered(response, accepts="gzip, deflate, br"):
    return PageCompression(lambda _request: response)(RequestFactory().get("/", headers={"accept-encoding": accepts}))


def test_a_page_is_compressed_and_says_so():
    response = answered(HttpResponse(PAGE, headers={"Content-Length": str(len(PAGE))}))
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == PAGE
    assert int(response["Content-Length"]) == len(response.content) < len(PAGE) / 10
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepts", ["", "br"])
def test_whoever_does_not_take_it_gets_the_page_as_it_is_and_caches_tell_the_two_apart(accepts):
    response = answered(HttpResponse(PAGE), accepts)
    assert response.content == PAGE
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(HttpResponse(PAGE, content_type="application/json"), id="JSON"),
        pytest.param(HttpResponse(PAGE, headers={"Content-Encoding": "br"}), id="compressed before"),
        pytest.param(StreamingHttpResponse([PAGE], content_type="text/event-stream"), id="a stream"),
        pytest.param(FileResponse([PAGE], content_type="text/html"), id="a file"),
    ],
)
def test_other_answers_stay_as_they_are(response):
    before = response.headers.get("Content-Encoding")
    assert answered(response).headers.get("Content-Encoding") == before


def test_two_times_the_same_page_differ_in_length():
    assert len({len(answered(HttpResponse(PAGE)).content) for _ in range(40)}) > 1
