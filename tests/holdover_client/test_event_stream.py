"""Reading server-sent events."""

import pytest

from holdover_client.event_stream import Message, read_messages

STREAMS = {
    "one": (
        'id: 1-0\nevent: status\ndata: {"status": "running"}\n\n',
        [Message("status", "1-0", {"status": "running"})],
    ),
    "several lines of data": ('data: {"a":\ndata: 1}\n\n', [Message("message", "", {"a": 1})]),
    "a comment": (": still here\n\n", []),
    "a time to come back": ("retry: 5000\n\n", []),
    "no blank before the value": ('data:{"a": 1}\n\n', [Message("message", "", {"a": 1})]),
    "data that is no JSON": ("event: done\ndata: /r/x\n\n", [Message("done", "", {})]),
    "data that is no mapping": ("data: [1]\n\n", [Message("message", "", {})]),
    "one that breaks off": ('data: {"a": 1}\n', []),
    "two": ("data: {}\n\nevent: done\ndata: {}\n\n", [Message("message", "", {}), Message("done", "", {})]),
}


@pytest.mark.parametrize(("text", "messages"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_is_read_as_its_messages(text, messages):
    assert list(read_messages(text.splitlines())) == messages
