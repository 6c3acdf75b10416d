"""The supervisor for real: phases, their ends, and what a function may try in between."""

import asyncio
import json
import os
from textwrap import dedent

import pytest

from sandbox_runner.guest import wire

pytestmark = pytest.mark.namespace

ECHO = "def handler(event, context):\n    return event\n"
CALLS = """
    import http.client
    def call(method, path, body=""):
        connection = http.client.HTTPConnection("127.0.0.1", 9001)
        connection.request(method, "/2018-06-01/runtime" + path, body)
        return connection.getresponse().status
"""


def code(text):
    return dedent(text)


async def test_a_failed_import_is_reported_with_the_clients_own_words(talk):
    heard = await talk.load("raise ValueError('boo')")

    assert (heard.done.status, heard.done.error_type) == ("error", "Runtime.Unknown")
    assert (heard.done.exited, heard.done.exit) == (True, "exit status 1")
    assert b'"errorType": "ValueError"' in heard.done.body
    assert any("ValueError: boo" in line for line in heard.lines)


@pytest.mark.parametrize(
    ("text", "exit_text"),
    [
        ("import sys; sys.exit(3)", "exit status 3"),
        ("import os; os._exit(0)", ""),
        ("import os; os.abort()", "signal: aborted"),
        ("import os; os.kill(os.getpid(), 9)", "signal: killed"),
    ],
)
async def test_a_process_that_ends_during_init_is_an_exit_error(talk, text, exit_text):
    heard = await talk.load(text)

    assert (heard.done.status, heard.done.error_type) == ("error", "Runtime.ExitError")
    assert (heard.done.exited, heard.done.exit, heard.done.out_of_memory) == (True, exit_text, False)


async def test_an_init_that_takes_too_long_ends_in_time_and_leaves_nothing_running(talk):
    await talk.configure("import time; print('begun'); time.sleep(60)")
    heard = await talk.init(limit_s=0.5)

    assert heard.done.status == "timeout"
    assert set(heard.lines) <= {"begun"}
    assert heard.done.at_us - heard.done.started_us >= 0.5e6
    assert (await talk.reset()).done.killed == 0


async def test_a_suppressed_init_is_not_frozen_between_init_and_invoke(talk):
    await talk.configure(ECHO)
    assert (await talk.init(phase="invoke")).done.status == "success"
    heard = await talk.invoke(7)

    assert (heard.answer, heard.thawed) == (7, None)
    assert heard.frozen is not None


async def test_output_without_a_newline_belongs_to_the_phase_that_wrote_it(talk):
    await talk.load("def handler(event, context):\n    print(event, end='')")

    assert [(await talk.invoke(text)).lines for text in ("first", "second")] == [["first"], ["second"]]


async def test_the_three_streams_are_told_apart(talk):
    await talk.configure(
        code(
            """
            import logging, sys
            def handler(event, context):
                print("out")
                print("err", file=sys.stderr)
                logging.error("framed")
            """
        )
    )
    await talk.init()
    await talk.sandbox.send(wire.Invoke("r", 3_000_000, {"Lambda-Runtime-Aws-Request-Id": "r"}, b"{}"))
    lines = []
    while not isinstance(message := await talk.sandbox.receive(), wire.InvokeDone):
        if isinstance(message, wire.Logs):
            assert message.request_id == "r"
            lines += message.lines
    said = {line.stream: line.text.split("\t")[-1] for line in lines}

    assert said == {"stdout": "out", "stderr": "err", "telemetry": "framed"}


async def test_a_flood_is_cut_at_its_source_and_counted(talk):
    await talk.load("import os\ndef handler(event, context):\n    for _ in range(512): os.write(1, b'x' * (1 << 20))")
    heard = await talk.invoke(timeout_s=30)

    assert sum(map(len, heard.lines)) + heard.cut_bytes == 512 << 20
    assert sum(map(len, heard.lines)) <= 64 * 1024


async def test_a_host_that_does_not_read_makes_the_function_wait_not_the_deadline(talk):
    await talk.load("import os\ndef handler(event, context):\n    while True: os.write(1, b'a line\\n' * 999)")
    heard = await talk.invoke(timeout_s=1)

    assert heard.done.status == "timeout"
    assert heard.done.at_us - heard.done.started_us < 1.5e6
    assert heard.cut_lines > 0


async def test_after_an_exit_its_children_are_silent_until_the_reset(talk):
    await talk.load(
        code(
            """
            import os, time
            def handler(event, context):
                if os.fork() == 0:
                    while True:
                        print("child")
                        time.sleep(0.01)
                time.sleep(0.1)
                os._exit(5)
            """
        )
    )
    heard = await talk.invoke()
    after = await talk.reset()

    assert (heard.done.status, heard.done.exit) == ("exited", "exit status 5")
    assert after.done.killed == 1
    assert after.lines == []


async def test_a_timer_that_wakes_a_frozen_process_is_stopped_again(talk):
    await talk.load(
        code(
            """
            import signal, time
            signal.signal(signal.SIGALRM, lambda *_: None)
            import ctypes, threading
            ticks = 0
            def tick():
                global ticks
                while True:
                    ticks += 1
                    time.sleep(0.01)
            threading.Thread(target=tick, daemon=True).start()
            class Event(ctypes.Structure):
                _fields_ = [("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int),
                            ("rest", ctypes.c_char * 64)]
            libc = ctypes.CDLL(None)
            timer = ctypes.c_void_p()
            event = Event(None, signal.SIGCONT, 0, b"")
            assert libc.timer_create(1, ctypes.byref(event), ctypes.byref(timer)) == 0
            def handler(event, context):
                if event == "arm":
                    times = (ctypes.c_long * 4)(0, 0, 0, 10_000_000)
                    assert libc.timer_settime(timer, 0, times, None) == 0
                return ticks
            """
        )
    )
    before = (await talk.invoke("arm")).answer
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(talk.sandbox.receive(), 2)
    after = (await talk.invoke("look")).answer

    # Two seconds are 200 ticks of a process that runs; one that is stopped again makes few.
    assert after - before < 50


async def test_calls_that_the_state_does_not_allow_change_nothing(talk):
    await talk.load(
        code(CALLS)
        + code(
            """
            def handler(event, context):
                mine, other = f"/invocation/{context.aws_request_id}", "/invocation/8476a536"
                return [call("POST", other + "/response"), call("POST", other + "/error"),
                        call("POST", "/init/error"), call("GET", "/restore/next"), call("GET", "/nowhere")]
            """
        )
    )

    assert (await talk.invoke()).answer == [400, 400, 403, 404, 404]


async def test_an_answer_from_elsewhere_counts_and_the_clients_own_is_refused(talk):
    await talk.load(
        code(CALLS)
        + code(
            """
            def handler(event, context):
                call("POST", f"/invocation/{context.aws_request_id}/response", '"forged"')
                return "own"
            """
        )
    )
    heard = await talk.invoke()

    assert heard.answer == "forged"
    assert (heard.done.status, heard.done.exit) == ("exited", "exit status 1")
    assert any("Http response code: 403" in line for line in heard.lines)


async def test_hundreds_of_connections_and_slow_ones_leave_the_runtime_its_own(talk):
    await talk.load(
        code(
            """
            import socket
            held = []
            def handler(event, context):
                for _ in range(300):
                    connection = socket.create_connection(("127.0.0.1", 9001))
                    try:
                        connection.send(b"POST /2018-06-01/runtime/init/error HTTP/1.1\\r\\nContent-Length: 9\\r\\n")
                    except OSError:
                        pass
                    held.append(connection)
                return len(held)
            """
        )
    )

    assert [(await talk.invoke()).answer for _ in range(2)] == [300, 600]


async def test_memory_over_the_limit_is_an_out_of_memory_exit(talk):
    await talk.load("held = []\ndef handler(event, context):\n    while True: held.append(bytearray(1 << 20))")
    heard = await talk.invoke(timeout_s=10)

    assert (heard.done.status, heard.done.exit, heard.done.out_of_memory) == ("exited", "signal: killed", True)


async def test_peak_memory_is_what_the_function_used(talk):
    await talk.load("def handler(event, context):\n    return len(bytearray(50 << 20))")
    before = (await talk.invoke()).done.peak_memory_kb

    assert 50 << 10 < before < 100 << 10


FAMILY = """
    import os, signal, time
    held = bytearray(b"x") * (60 << 20)
    def handler(event, context):
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                own = bytearray(b"x") * (event << 20)
                time.sleep(60)
            children.append(child)
        time.sleep(0.5)
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return len(children)
"""


async def test_memory_that_children_share_with_their_parent_counts_once(talk):
    await talk.load(code(FAMILY))
    heard = await talk.invoke(1)

    assert heard.answer == 3
    assert 60 << 10 < heard.done.peak_memory_kb < 128 << 10


async def test_memory_that_children_have_of_their_own_counts_for_each(talk):
    await talk.load(code(FAMILY))
    heard = await talk.invoke(30)

    assert (heard.done.status, heard.done.out_of_memory) == ("exited", True)


async def test_a_runtime_that_died_between_requests_is_told_with_the_next(talk):
    await talk.configure(
        code(
            """
            import os, threading, time
            def leave():
                time.sleep(0.05)
                os.write(1, b"leaving\\n")
                os._exit(7)
            threading.Thread(target=leave).start()
            def handler(event, context):
                time.sleep(60)
            """
        )
    )
    begun = await talk.init(phase="invoke")
    if not begun.lines:
        await talk.hear(wire.Logs)
    heard = await talk.invoke(timeout_s=3)

    assert (heard.done.status, heard.done.exit) == ("exited", "exit status 7")


async def test_with_the_probe_each_phase_says_what_is_kept_in_memory_and_in_tmp(talk):
    text = code(
        """
        kept = {}
        def handler(event, context):
            kept["user"] = event
            open("/tmp/user", "w").write(event)
        """
    )
    await talk.sandbox.send(
        wire.Configure(
            runtime="python3.13",
            handler="app.handler",
            environment={},
            memory_mb=128,
            tmp_mb=512,
            log_lines_max=100,
            log_bytes_max=10_000,
            log_line_bytes_max=1_000,
            response_bytes_max=1_000,
            probe=True,
            state_leaves_max=500,
            state_bytes_max=100_000,
            body=json.dumps({"app.py": text}).encode(),
        )
    )
    await talk.init()
    await talk.sandbox.send(wire.Invoke("r", 3_000_000, {"Lambda-Runtime-Aws-Request-Id": "r"}, b'"hoge"'))
    while not isinstance(state := await talk.sandbox.receive(), wire.StateCaptured):
        assert not isinstance(state, wire.InvokeDone)
    leaves = json.loads(state.body)["leaves"]

    assert (state.after, state.request_id) == ("invoke", "r")
    assert ["tmp-file", "/tmp/user", "/tmp/user", "file", "hoge", False] in leaves
    assert any(leaf[0] == "python-module" and leaf[4] == "hoge" for leaf in leaves)


async def test_what_the_host_should_not_have_said_is_a_fault_and_the_supervisor_goes_on(talk):
    await talk.sandbox.send(wire.Reset("failure"))
    fault = await talk.sandbox.receive()

    assert isinstance(fault, wire.Fault)
    assert "no function is configured" in fault.message
    await talk.load(ECHO)
    assert (await talk.invoke(1)).answer == 1


async def test_shutdown_with_a_budget_lets_the_runtime_say_goodbye(talk):
    await talk.load(
        code(
            """
            import signal, sys
            def leave(*_):
                print("goodbye", flush=True)
                sys.exit(0)
            signal.signal(signal.SIGTERM, leave)
            def handler(event, context): pass
            """
        ),
        environment={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"},
    )
    await talk.invoke()
    # Long enough for a busy machine: the runtime has 30 % of it before it is killed.
    await talk.sandbox.send(wire.Shutdown("spindown", 10_000))

    assert (await talk.hear(wire.ShutdownDone)).lines == ["goodbye"]


async def test_shutdown_without_a_budget_kills_at_once(talk):
    await talk.load("import signal\nsignal.signal(15, lambda *_: print('goodbye', flush=True))\n" + ECHO)
    await talk.sandbox.send(wire.Shutdown("spindown", 0))
    heard = await talk.hear(wire.ShutdownDone)

    assert (heard.lines, heard.done.killed) == ([], 1)


async def test_what_the_function_starts_gives_way_to_the_supervisor_and_dies_before_it(talk):
    await talk.load(
        code(
            """
            import os, subprocess
            def handler(event, context):
                def score(pid):
                    with open(f"/proc/{pid}/oom_score_adj") as file:
                        return int(file.read())
                child = subprocess.run(["/usr/bin/nice"], capture_output=True, text=True).stdout
                return [os.nice(0), int(child), score("self"), score(1)]
            """
        )
    )
    niceness, of_a_child, score, of_the_supervisor = (await talk.invoke()).answer

    assert (niceness, of_a_child) == (10, 10)
    assert of_the_supervisor < score == 1000


async def test_what_every_call_of_a_run_waits_for_does_not_give_way(talk):
    await talk.load("import os\ndef handler(event, context):\n    return os.nice(0)\n", gives_way=False)

    assert (await talk.invoke()).answer == os.nice(0)
