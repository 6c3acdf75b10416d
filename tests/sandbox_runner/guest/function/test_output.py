"""What a function writes becomes bounded lines, whatever it writes, and what is lost is counted."""

import itertools
import struct

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.function.output import FrameReader, LineReader, PhaseLog, Piece

LIMIT = 16
ERROR = 0xA55A0017
NO_LEVEL_JSON = 0xA55A0002


def frame(text, kind=ERROR, length=None):
    return struct.pack(">IIQ", kind, len(text) if length is None else length, 1_700_000_000_000_000) + text


def texts(pieces):
    return [piece.data for piece in pieces]


def cut_at(data, cuts):
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def read_all(reader, pieces):
    found = [piece for part in pieces for piece in reader.feed(part)]
    return found + reader.flush()


def test_a_line_ends_at_its_newline_and_keeps_its_carriage_returns():
    assert texts(read_all(LineReader(LIMIT), [b"one\rand\rtwo\nthree\n"])) == [b"one\rand\rtwo", b"three"]


def test_empty_lines_make_no_line():
    assert texts(read_all(LineReader(LIMIT), [b"\n\na\n\n\n"])) == [b"a"]


def test_a_line_over_the_limit_keeps_its_beginning_and_counts_the_rest():
    assert read_all(LineReader(LIMIT), [b"x" * 100, b"y" * 100, b"\nnext\n"]) == [
        Piece(b"x" * LIMIT, 200 - LIMIT),
        Piece(b"next"),
    ]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10))
def test_lines_are_the_same_however_they_are_read_and_no_byte_is_uncounted(data, cuts):
    pieces = read_all(LineReader(LIMIT), cut_at(data, cuts))

    assert pieces == read_all(LineReader(LIMIT), [data])
    assert sum(len(piece.data) + piece.cut for piece in pieces) == len(data) - data.count(b"\n")


def test_dropped_lines_are_counted_in_lines_and_bytes():
    reader = LineReader(LIMIT)
    reader.feed(b"half")

    assert reader.skip(b" line\nand another\nand") == (2, 25)


def test_a_frame_is_one_entry_with_its_level_and_its_newlines_inside():
    assert read_all(FrameReader(99), [frame(b"[ERROR] a\nTraceback\n")]) == [Piece(b"[ERROR] a\nTraceback", 0, "ERROR")]


def test_a_frame_without_level_has_none():
    assert read_all(FrameReader(99), [frame(b"{}", NO_LEVEL_JSON)]) == [Piece(b"{}", 0, "")]


def test_a_long_frame_keeps_its_beginning_and_counts_the_rest():
    assert read_all(FrameReader(LIMIT), [frame(b"x" * 1000)]) == [Piece(b"x" * LIMIT, 1000 - LIMIT, "ERROR")]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.lists(st.integers(0, 400), max_size=10))
def test_frames_are_the_same_however_they_are_read(messages, cuts):
    data = b"".join(frame(message) for message in messages)

    assert read_all(FrameReader(LIMIT), cut_at(data, cuts)) == read_all(FrameReader(LIMIT), [data])


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
def test_garbage_is_survived_and_never_kept_beyond_the_limit(garbage, cuts):
    for piece in read_all(FrameReader(LIMIT), cut_at(garbage, cuts)):
        assert len(piece.data) <= LIMIT


def test_garbage_before_a_frame_is_a_line_and_the_frame_is_found():
    assert read_all(FrameReader(99), [b"no frame \xa5 at all\n" + frame(b"frame")]) == [
        Piece(b"no frame \xa5 at all"),
        Piece(b"frame", 0, "ERROR"),
    ]


def test_a_frame_that_announces_more_than_any_client_writes_is_garbage():
    [piece, *_] = read_all(FrameReader(99), [frame(b"text", length=0xFFFF_FFFF)])

    assert piece.level == ""
    assert piece.data.startswith(b"\xa5\x5a")


def test_a_frame_under_way_survives_the_end_of_a_phase():
    reader, whole = FrameReader(99), frame(b"written while frozen")
    assert read_all(reader, [whole[:25]]) == []

    assert texts(reader.feed(whole[25:])) == [b"written while frozen"]


def test_a_phase_keeps_its_first_lines_and_counts_the_rest():
    log = PhaseLog(lines_max=2, bytes_max=1000)

    log.read(7, "stdout", LineReader(99), b"one\ntwo\nthree\nfour\n")

    assert [line.text for line in log.take()] == ["one", "two"]
    assert log.take_cut() == (2, len("threefour"))
    assert log.take_cut() == (0, 0)


def test_a_phase_keeps_no_more_bytes_than_its_cap_and_leaves_no_holes():
    log = PhaseLog(lines_max=99, bytes_max=5)

    log.read(7, "stdout", LineReader(99), b"1234\n56\n7\n")

    assert [line.text for line in log.take()] == ["1234"]
    assert log.take_cut() == (2, 3)


def test_the_next_phase_has_caps_of_its_own():
    log, reader = PhaseLog(lines_max=1, bytes_max=99), LineReader(99)
    log.read(1, "stdout", reader, b"one\ntwo\n")
    log.begin()

    log.read(2, "stdout", reader, b"three\n")

    assert [line.text for line in log.take()] == ["one", "three"]


def test_bytes_that_are_no_text_are_shown_as_such():
    log = PhaseLog(lines_max=9, bytes_max=99)

    log.read(1, "stderr", LineReader(99), b"caf\xe9\n")

    assert log.take()[0].text == "caf\ufffd"
