"""/tmp has the size that was asked for and a bounded number of files; what fills it is there for the next request."""

from __future__ import annotations

from tests.playing import answers, played, reports, starts

FULL = "[Errno 28] No space left on device"

FILLS = """
import os
def handler(event, context):
    if event == "fill":
        with open("/tmp/big", "wb", buffering=0) as big:
            block = b"x" * (1 << 20)
            while True:
                big.write(block)
    return [os.path.getsize("/tmp/big") >> 20, os.statvfs("/tmp").f_bavail]
"""

MANY = """
import os
def handler(event, context):
    if event == "fill":
        made = 0
        try:
            while True:
                os.close(os.open(f"/tmp/{made}", os.O_CREAT | os.O_WRONLY))
                made += 1
        except OSError as problem:
            return [made, problem.errno, problem.strerror]
    return len(os.listdir("/tmp"))
"""


def test_a_full_tmp_is_an_error_of_the_request_and_stays_full(engine):
    result = played(engine, FILLS, "fill", "look", timeout_s=30)
    error, after = answers(result)
    assert (error["errorType"], error["errorMessage"]) == ("OSError", FULL)
    assert starts(result) == ["cold", "warm"]
    assert after == [512, 0]
    assert "Error Type" not in reports(result)[0]


def test_a_full_tmp_takes_no_memory_from_the_function(engine):
    result = played(engine, FILLS, "fill", timeout_s=30)
    used = int(reports(result)[0].split("Max Memory Used: ")[1].split(" MB")[0])
    assert used < 100


def test_tmp_is_as_large_as_it_was_asked_for(engine):
    code = (
        "import os\ndef handler(event, context):\n    s = os.statvfs('/tmp')\n    return s.f_blocks * s.f_frsize >> 20"
    )
    assert answers(played(engine, code, 1, tmp_mb=1024)) == [1024]


def test_too_many_files_are_an_error_too(engine):
    made, after = answers(played(engine, MANY, "fill", "look", timeout_s=30))
    assert made[1:] == [28, "No space left on device"]
    assert 30_000 < made[0] == after
