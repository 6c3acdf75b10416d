"""Memory: what runs out of it is told apart from what ends by itself, in the log and not in the answer."""

from __future__ import annotations

import pytest

from tests.playing import answers, ends, played, reports, starts

KILLED = "Runtime exited with error: signal: killed"
OUT_OF_MEMORY = "\tStatus: error\tError Type: Runtime.OutOfMemory"
EXIT = "\tStatus: error\tError Type: Runtime.ExitError"

PYTHON = """
import os
kept = {}
def handler(event, context):
    if event == "hoard":
        open("/tmp/left", "w").write("by the first")
        kept["a"] = bytearray(os.urandom(1 << 20)) * 300
    return [sorted(kept), os.path.exists("/tmp/left")]
"""
NODE = """
import fs from 'node:fs'
const kept = []
export const handler = async (event) => {
  if (event === 'hoard') {
    fs.writeFileSync('/tmp/left', 'by the first')
    for (let i = 0; i < 300; i++) kept.push(Buffer.alloc(1 << 20, i))
  }
  return [kept.map(String), fs.existsSync('/tmp/left')]
}
"""


@pytest.mark.parametrize(
    ("runtime", "code"),
    [("python3.13", PYTHON), ("nodejs22.x", NODE), ("nodejs24.x", NODE)],
    ids=["python", "node 22", "node 24"],
)
def test_a_function_over_its_memory_is_killed_and_only_the_log_says_why(engine, runtime, code):
    result = played(engine, code, "hoard", "look", runtime=runtime, timeout_s=20)
    error, after = answers(result)
    request_id = result.invocations[0].request_id
    assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {KILLED}"}
    assert reports(result)[0].endswith(OUT_OF_MEMORY)
    assert "\tMax Memory Used: 128 MB\t" in reports(result)[0]
    assert starts(result) == ["cold", "suppressed-init"]
    assert after == [[], True], "module state is new and /tmp is as it was"


def test_a_process_that_kills_itself_is_not_out_of_memory(engine):
    code = "import os, signal\ndef handler(event, context):\n    os.kill(os.getpid(), signal.SIGKILL)"
    result = played(engine, code, 1)
    assert answers(result)[0]["errorMessage"].endswith(KILLED)
    assert reports(result)[0].endswith(EXIT)
    assert ends(result) == ["signal: killed"]


def test_a_child_over_the_memory_takes_the_function_with_it(engine):
    code = """
import subprocess, sys
def handler(event, context):
    if event == "hoard":
        subprocess.run([sys.executable, "-c", "b = bytearray(b'x') * (300 << 20); input()"], check=False)
    return "served"
"""
    result = played(engine, code, "hoard", "again", timeout_s=20)
    assert reports(result)[0].endswith(OUT_OF_MEMORY)
    assert answers(result)[1] == "served"


def test_running_out_of_memory_in_init_has_its_name_in_every_report(engine):
    code = "hoard = bytearray(b'x') * (300 << 20)\ndef handler(event, context):\n    return 1"
    result = played(engine, code, 1, timeout_s=20)
    assert answers(result)[0]["errorType"] == "Runtime.ExitError"
    named = [entry.line for entry in result.log if entry.line.startswith(("INIT_REPORT", "REPORT"))]
    assert len(named) == 3
    assert all(line.endswith(OUT_OF_MEMORY) for line in named), named


def test_more_memory_is_more_to_use(engine):
    result = played(engine, PYTHON, "hoard", memory_mb=512, timeout_s=20)
    assert answers(result) == [[["a"], True]]
    assert "\tMemory Size: 512 MB\t" in reports(result)[0]
