"""The wire: what is sent arrives as it was, and what is no message is refused with one kind of error."""

import json
import struct
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest import wire
from sandbox_runner.guest.wire import GUEST_MESSAGES, HOST_MESSAGES, Decoder, LogLine, WireError, encode

ALL = {**HOST_MESSAGES, **GUEST_MESSAGES}
LIMIT = 1 << 20

# Lone surrogates included: that is how names and lines with bytes that are no UTF-8 travel.
texts = st.text(st.characters(codec=None), max_size=30)
integers = st.integers(-(2**63) + 1, 2**63 - 1)
log_lines = st.builds(LogLine, at_us=integers, stream=texts, text=texts, level=texts, cut=integers)
by_annotation = {
    "str": texts,
    "int": integers,
    "bool": st.booleans(),
    "bytes": st.binary(max_size=200),
    "dict[str, str]": st.dictionaries(texts, texts, max_size=3),
    "dict[str, int]": st.dictionaries(texts, integers, max_size=3),
    "dict[str, dict[str, str]]": st.dictionaries(texts, st.dictionaries(texts, texts, max_size=2), max_size=2),
    "list[LogLine]": st.lists(log_lines, max_size=3),
}


def messages_of(kind):
    return st.builds(kind, **{part.name: by_annotation[part.type] for part in fields(kind)})


anything = st.sampled_from(sorted(ALL)).flatmap(lambda name: messages_of(ALL[name]))


def decode(data, known=ALL, limit=LIMIT):
    return list(Decoder(known, limit).feed(data))


def frame(header, body=b""):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">II", 4 + len(head) + len(body), len(head)) + head + body


@pytest.mark.parametrize("name", sorted(ALL))
@given(data=st.data())
def test_every_message_arrives_as_it_was_sent(name, data):
    message = data.draw(messages_of(ALL[name]))
    assert decode(encode(message)) == [message]


@given(st.lists(anything, max_size=4), st.data())
def test_it_does_not_matter_how_the_stream_is_cut(messages, data):
    stream = b"".join(map(encode, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = Decoder(ALL, LIMIT)
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [message for piece in pieces for message in decoder.feed(piece)] == messages


@given(anything)
def test_an_incomplete_frame_yields_nothing_yet(message):
    assert decode(encode(message)[:-1]) == []


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_a_wire_error(data):
    try:
        decode(data)
    except WireError:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(ALL)), st.data())
def test_a_header_with_any_values_is_a_message_of_the_right_kinds_or_a_wire_error(name, data):
    header = {"type": name, **{p.name: data.draw(json_values) for p in fields(ALL[name]) if p.name != "body"}}
    try:
        (message,) = decode(frame(header))
    except WireError:
        return
    assert decode(encode(message)) == [message]


@given(json_values)
def test_any_json_as_a_header_is_refused_with_a_wire_error(header):
    with pytest.raises(WireError):
        decode(frame(header))


GOOD = {"type": "Frozen", "at_us": 5, "processes": 1}
HELLO = {"type": "Hello", "wire_version": 1, "boot_id": "b", "monotonic_us": 1, "runtimes": {}}

REFUSED = [
    ("no JSON", frame(b"{")),
    ("no UTF-8", frame(b"\xff\xfe{}")),
    ("no object", frame([])),
    ("no type", frame({"at_us": 5})),
    ("a type that cannot be a name", frame({**GOOD, "type": ["Frozen"]})),
    ("an unknown message", frame({**GOOD, "type": "Melted"})),
    ("a message of the other side", frame({"type": "Wipe"})),
    ("an unknown field", frame({**GOOD, "colour": "red"})),
    ("a field too few", frame({"type": "Frozen", "at_us": 5})),
    ("text for a number", frame({**GOOD, "at_us": "5"})),
    ("a fraction for a number", frame({**GOOD, "at_us": 5.5})),
    ("a truth for a number", frame({**GOOD, "at_us": True})),
    ("nothing for a number", frame({**GOOD, "at_us": None})),
    ("NaN for a number", frame({**GOOD, "at_us": float("nan")})),
    ("a number over 63 bits", frame({**GOOD, "at_us": 1 << 63})),
    ("a number of 5,000 digits", frame(b'{"type":"Frozen","processes":1,"at_us":' + b"9" * 5_000 + b"}")),
    ("a list for a mapping", frame({**HELLO, "runtimes": []})),
    ("a number in a mapping", frame({**HELLO, "runtimes": {"python3.13": {"python": 3.13}}})),
    ("lines that are a text", frame({"type": "Logs", "lines": "abc"})),
    ("a line that is a text", frame({"type": "Logs", "lines": ["abc"]})),
    ("a line with a number for its text", frame({"type": "Logs", "lines": [[1, "stdout", 2]]})),
    ("a line too long", frame({"type": "Logs", "lines": [[1, "stdout", "x", "", 0, 0]]})),
    ("a body where none belongs", frame(GOOD, b"body")),
    ("a body in the header", frame({"type": "StateCaptured", "after": "init", "at_us": 1, "body": "x"})),
    ("nested a hundred thousand deep", frame(b'{"type":' + b"[" * 100_000)),
    ("a header longer than its frame", struct.pack(">II", 10, 7)),
    ("a frame shorter than its header's length", struct.pack(">II", 3, 0)),
    ("a frame of 4 GB", struct.pack(">II", 0xFFFFFFFF, 4)),
]  # fmt: skip


@pytest.mark.parametrize(("why", "data"), REFUSED, ids=[why for why, _ in REFUSED])
def test_what_is_no_message_of_the_peer_is_refused(why, data):
    with pytest.raises(WireError):
        decode(data, GUEST_MESSAGES)


@pytest.mark.parametrize("header", [GOOD, HELLO], ids=["Frozen", "Hello"])
def test_the_frames_that_the_refused_ones_are_made_from_are_taken(header):
    assert [type(message).__name__ for message in decode(frame(header), GUEST_MESSAGES)] == [header["type"]]


def test_a_refusal_quotes_only_a_little_of_what_the_peer_sent():
    with pytest.raises(WireError) as refused:
        decode(frame({**GOOD, "x" * 100_000: 1}))
    assert len(str(refused.value)) <= 300


def test_a_frame_over_the_limit_is_refused_before_its_bytes_are_read():
    frame_bytes = encode(wire.StateCaptured(after="invoke", at_us=1, body=b"x" * 2_000))
    with pytest.raises(WireError, match="over the limit of 1000"):
        decode(frame_bytes[:8], limit=1_000)


@pytest.mark.parametrize(("limit", "taken"), [(0, False), (1, True)], ids=["a byte too long", "just fits"])
def test_the_limit_counts_everything_behind_the_length(limit, taken):
    data = encode(wire.Wipe())
    limit += len(data) - 5
    if taken:
        assert decode(data, limit=limit) == [wire.Wipe()]
    else:
        with pytest.raises(WireError):
            decode(data, limit=limit)


def test_good_messages_before_a_bad_one_are_still_given():
    decoder = Decoder(GUEST_MESSAGES, LIMIT)
    given_messages = decoder.feed(frame(GOOD) + frame({"type": "Melted"}))
    assert next(given_messages) == wire.Frozen(at_us=5, processes=1)
    with pytest.raises(WireError):
        next(given_messages)


def test_a_body_travels_as_it_is():
    answer = wire.Answered(request_id="r", kind="response", at_us=1, size=4, body=b'\x00\xff"\n')
    assert encode(answer).endswith(b'\x00\xff"\n')


def test_a_name_means_one_message_whoever_says_it():
    both = HOST_MESSAGES.keys() & GUEST_MESSAGES.keys()
    assert both == {"PeerData", "PeerMore", "PeerClose"}
    assert all(HOST_MESSAGES[name] is GUEST_MESSAGES[name] for name in both)


@pytest.mark.parametrize("name", sorted(ALL))
def test_messages_cannot_be_changed(name):
    assert ALL[name].__dataclass_params__.frozen


def test_an_optional_field_may_be_left_out_by_an_older_peer():
    lines = [LogLine(at_us=1, stream="stdout", text="x")]
    assert decode(frame({"type": "Logs", "lines": [[1, "stdout", "x"]]})) == [wire.Logs(lines=lines)]
