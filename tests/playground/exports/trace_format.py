"""A strict reader of the Trace Event Format: it takes what its document allows, and of that only what we write."""

from __future__ import annotations

from collections import defaultdict

COMMON = {"ph", "pid", "tid", "ts", "name", "cat", "args"}
MORE = {"M": set(), "X": {"dur"}, "i": {"s"}, "s": {"id"}, "f": {"id", "bp"}, "b": {"id2"}, "e": {"id2"}}
METADATA = {
    "process_name": ("name", str),
    "process_sort_index": ("sort_index", int),
    "thread_name": ("name", str),
    "thread_sort_index": ("sort_index", int),
}


def check(document):
    """:raises AssertionError: something in it is not as the format says."""
    assert set(document) == {"displayTimeUnit", "otherData", "traceEvents"}
    assert document["displayTimeUnit"] in ("ms", "ns")
    assert all(isinstance(value, str) for value in document["otherData"].values())
    events = document["traceEvents"]
    for event in events:
        _shape(event)
    _named(events)
    _nested(events)
    _paired(events, "b", "e")
    _flows(events)


def _shape(event):
    kind = event["ph"]
    assert set(event) == COMMON | MORE[kind], event
    assert isinstance(event["name"], str)
    assert event["name"]
    assert isinstance(event["cat"], str)
    assert isinstance(event["args"], dict)
    for number in ("pid", "tid", "ts", *(["dur"] if kind == "X" else [])):
        assert type(event[number]) is int, event
        assert event[number] >= 0, event
    if kind == "i":
        assert event["s"] in ("g", "p", "t")
    if kind == "f":
        assert event["bp"] == "e"
    if kind == "M":
        name, type_ = METADATA[event["name"]]
        assert set(event["args"]) == {name}
        assert type(event["args"][name]) is type_


def _named(events):
    """Every process and every thread has one name."""
    processes = [e["pid"] for e in events if e["name"] == "process_name" and e["ph"] == "M"]
    threads = [(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["ph"] == "M"]
    used = {(e["pid"], e["tid"]) for e in events if e["ph"] != "M"}
    assert len(processes) == len(set(processes))
    assert len(threads) == len(set(threads))
    assert used <= set(threads)
    assert {pid for pid, _ in used} <= set(processes)


def _nested(events):
    """Complete events of a thread are apart, or one lies inside the other."""
    by_thread = defaultdict(list)
    for e in events:
        if e["ph"] == "X":
            by_thread[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"]))
    for slices in by_thread.values():
        for one in slices:
            for other in slices:
                assert one[1] <= other[0] or other[1] <= one[0] or one[0] <= other[0] <= other[1] <= one[1] or (
                    other[0] <= one[0] <= one[1] <= other[1]
                ), (one, other)  # fmt: skip


def _paired(events, begin, end):
    open_ = {}
    for e in sorted((e for e in events if e["ph"] in (begin, end)), key=lambda e: (e["ts"], e["ph"] == end)):
        assert set(e["id2"]) == {"local"}
        key = (e["pid"], e["cat"], e["id2"]["local"], e["name"])
        if e["ph"] == begin:
            assert key not in open_
            open_[key] = e["ts"]
        else:
            assert open_.pop(key) <= e["ts"]
    assert not open_


def _flows(events):
    """Each arrow has a start and an end, in that order, and each of them lies on a slice."""
    starts = {(e["cat"], e["id"]): e for e in events if e["ph"] == "s"}
    ends = {(e["cat"], e["id"]): e for e in events if e["ph"] == "f"}
    assert set(starts) == set(ends)
    for key, start in starts.items():
        assert start["ts"] <= ends[key]["ts"]
        for e in (start, ends[key]):
            assert any(
                x["ph"] == "X"
                and (x["pid"], x["tid"]) == (e["pid"], e["tid"])
                and x["ts"] <= e["ts"] <= x["ts"] + x["dur"]
                for x in events
            ), e
