"""What the real platform answers and writes, literally: the facts that docs/fidelity.md claims of the guest.

Bodies and states: aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapi/rendering and core/states.go.
Frames: aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py.
"""

import struct

import pytest

from sandbox_runner.guest.apis import http_replies
from sandbox_runner.guest.apis.runtime_states import RuntimeCall, RuntimeStates
from sandbox_runner.guest.function import error_types
from sandbox_runner.guest.function.output import FrameReader, LineReader


@pytest.mark.parametrize(
    ("reply", "status", "body"),
    [
        (http_replies.ACCEPTED, 202, '{"status":"OK"}'),
        (
            http_replies.INVALID_REQUEST_ID,
            400,
            '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}',
        ),
        (
            http_replies.TRUNCATED,
            400,
            '{"errorMessage":"HTTP request detected as truncated","errorType":"TruncatedHTTPRequest"}',
        ),
        (
            http_replies.INVALID_RESPONSE_MODE,
            400,
            '{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}',
        ),
        (
            http_replies.too_large(6_291_556),
            413,
            (
                '{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).",'
                '"errorType":"RequestEntityTooLarge"}'
            ),
        ),
        (
            http_replies.INTERNAL_ERROR,
            500,
            '{"errorMessage":"Internal Server Error","errorType":"InternalServerError"}',
        ),
    ],
)
def test_a_reply_of_the_runtime_api_is_the_platforms(reply, status, body):
    head, _, sent = reply.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert sent.decode().rstrip("\n") == body


@pytest.mark.parametrize(
    ("before", "call", "sentence"),
    [
        ([], RuntimeCall.RESPONSE, "from Started to InvocationResponse"),
        ([RuntimeCall.NEXT], RuntimeCall.RESPONSE, "from Ready to InvocationResponse"),
        ([RuntimeCall.NEXT, RuntimeCall.EVENT], RuntimeCall.INIT_ERROR, "from Running to InitError"),
        (
            [RuntimeCall.NEXT, RuntimeCall.EVENT, RuntimeCall.RESPONSE, RuntimeCall.SENT],
            RuntimeCall.ERROR,
            "to InvocationErrorResponse",
        ),
        ([RuntimeCall.INIT_ERROR], RuntimeCall.NEXT, "from InitError to Ready"),
    ],
)
def test_a_call_out_of_turn_is_refused_with_both_states_and_changes_nothing(before, call, sentence):
    states = RuntimeStates()
    assert all(states.take(each) for each in before)
    was = states.state
    assert not states.take(call)
    assert states.state is was
    assert sentence in states.refusal(call)
    assert states.refusal(call).endswith("failed for runtime. Error: State transition is not allowed")


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        ("Runtime.ImportModuleError", "Runtime.ImportModuleError"),
        ("Function.Whatever", "Function.Whatever"),
        ("Function.lowercase", "Function.Unknown"),
        ("ValueError", "Runtime.Unknown"),
        ("", "Runtime.Unknown"),
        ("Extension.Crash", "Runtime.Unknown"),
    ],
)
def test_an_error_type_is_logged_in_the_platforms_words(sent, logged):
    assert error_types.normalised(sent) == logged


def test_an_empty_line_makes_no_event_and_a_carriage_return_stays():
    assert [piece.data for piece in LineReader(100).feed(b"a\n\n\nb\rc\n")] == [b"a", b"b\rc"]


@pytest.mark.parametrize(
    ("kind", "level"),
    [(0xA55A0003, ""), (0xA55A000F, "INFO"), (0xA55A000E, "INFO"), (0xA55A0017, "ERROR"), (0xA55A001B, "FATAL")],
    ids=["no level", "INFO as text", "INFO as JSON", "ERROR", "FATAL"],
)
def test_a_telemetry_frame_is_one_event_with_its_level(kind, level):
    text = b"two\nlines"
    (piece,) = FrameReader(100).feed(struct.pack(">IIQ", kind, len(text), 1) + text)
    assert (piece.data, piece.level) == (text, level)
