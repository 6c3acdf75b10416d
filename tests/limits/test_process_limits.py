"""Descriptors, processes and threads: 1,024 of each, with the kernel's own errors, and what is used up stays so."""

from __future__ import annotations

import pytest

from tests.playing import answers, played, reports, starts

DESCRIPTORS = """
import os
kept = []
def handler(event, context):
    try:
        while True:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as problem:
        return [len(kept), str(problem)]
"""

THREADS = """
import threading
stop = threading.Event()
def handler(event, context):
    while event == "all" or (event != "look" and threading.active_count() <= event):
        threading.Thread(target=stop.wait, daemon=True).start()
    return threading.active_count()
"""

CHILDREN = """
import os, time
children = []
def handler(event, context):
    try:
        while len(children) < event:
            child = os.fork()
            if child == 0:
                time.sleep(600)
                os._exit(0)
            children.append(child)
    except OSError as problem:
        return [len(children), problem.errno, problem.strerror]
    return len(children)
"""

NODE_DESCRIPTORS = """
import fs from 'node:fs'
const kept = []
export const handler = async () => {
  try {
    for (;;) kept.push(fs.openSync('/dev/null'))
  } catch (problem) {
    return [kept.length, problem.code]
  }
}
"""


def test_descriptors_run_out_and_are_not_given_back(engine):
    first, second = answers(played(engine, DESCRIPTORS, 1, 2))
    assert 950 < first[0] < 1024
    assert first[1] == "[Errno 24] Too many open files: '/dev/null'"
    assert second[0] - first[0] < 10, "the next request finds them used up"


def test_descriptors_run_out_in_node(engine):
    first, _ = answers(played(engine, NODE_DESCRIPTORS, 1, 2, runtime="nodejs22.x"))
    assert 950 < first[0] < 1024
    assert first[1] == "EMFILE"


def test_threads_run_out_with_pythons_own_words(engine):
    result = played(engine, THREADS, "all", "look", memory_mb=256, timeout_s=30)
    error, after = answers(result)
    assert (error["errorType"], error["errorMessage"]) == ("RuntimeError", "can't start new thread")
    assert after == 1, "the client needs a thread itself to ask for the next request, and ended without one"
    assert starts(result) == ["cold", "suppressed-init"]
    assert reports(result)[0].endswith("\tStatus: error\tError Type: Runtime.ExitError")


def test_threads_that_leave_room_are_there_for_the_next_request(engine):
    result = played(engine, THREADS, 1000, "look", memory_mb=256, timeout_s=30)
    assert answers(result) == [1001, 1001]
    assert starts(result) == ["cold", "warm"]


def test_processes_run_out_and_end_the_client_too(engine):
    result = played(engine, CHILDREN, 2000, 0, memory_mb=2048, timeout_s=60)
    (made, number, words), after = answers(result)
    assert (number, words) == (11, "Resource temporarily unavailable")
    assert 1020 <= made <= 1023
    assert after == 0
    assert starts(result) == ["cold", "suppressed-init"]


def test_processes_that_leave_room_are_there_for_the_next_request(engine):
    result = played(engine, CHILDREN, 500, 0, memory_mb=1024, timeout_s=60)
    assert answers(result) == [500, 500]
    assert starts(result) == ["cold", "warm"]


def test_memory_that_children_share_with_the_function_counts_once(engine):
    code = f"ballast = bytearray(b'x') * (60 << 20)\n{CHILDREN}"
    result = played(engine, code, 40, 0, memory_mb=256, timeout_s=30)
    assert answers(result) == [40, 40]
    assert all(int(line.split("Max Memory Used: ")[1].split(" MB")[0]) < 256 for line in reports(result))


@pytest.mark.parametrize(
    ("name", "limits"),
    [("NOFILE", [1024, 1024]), ("STACK", [8 << 20, -1]), ("MEMLOCK", [65536, 65536])],
)
def test_limits_of_the_process_are_those_that_were_recorded(engine, name, limits):
    code = f"import resource\ndef handler(event, context):\n    return resource.getrlimit(resource.RLIMIT_{name})"
    assert answers(played(engine, code, 1)) == [limits]
