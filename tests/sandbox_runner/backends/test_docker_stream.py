"""An attached connection is taken apart wherever its bytes are cut."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.backends.docker_stream import STDERR, STDOUT, Demultiplexer

pieces = st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), st.binary(max_size=40)), max_size=20)


def framed(parts):
    return b"".join(struct.pack(">BxxxI", stream, len(data)) + data for stream, data in parts)


def joined(parts):
    return {stream: b"".join(data for of, data in parts if of == stream) for stream in (STDOUT, STDERR)}


@given(pieces, st.lists(st.integers(0, 900), max_size=30))
def test_both_streams_come_out_whole_however_the_bytes_are_cut(parts, cuts):
    data = framed(parts)
    ends = [*sorted(min(cut, len(data)) for cut in cuts), len(data)]
    demultiplexer = Demultiplexer()
    got, at = [], 0

    for end in ends:
        got += demultiplexer.feed(data[at:end])
        at = end

    assert joined(got) == joined(parts)


def test_a_piece_is_passed_on_before_all_of_it_is_there():
    start_of_a_large_piece = struct.pack(">BxxxI", STDOUT, 1_000_000) + b"abc"

    assert list(Demultiplexer().feed(start_of_a_large_piece)) == [(STDOUT, b"abc")]
