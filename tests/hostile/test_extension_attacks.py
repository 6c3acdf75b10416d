"""Whatever an extension does, the run ends clearly and stays small."""

from __future__ import annotations

import pytest

from sandbox_runner.limits import LOG_BYTES_MAX
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke
from tests.extensions.programs import LISTENS, program, subscriber

SLEEPY = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'\n"

ATTACKS = {
    "kills the runtime": ("register('INVOKE')\nwait()\nos.kill(-1, 9)\ntime.sleep(60)", {"runtime-exit"}, 5),
    "stops the runtime": ("register('INVOKE')\nwait()\nos.kill(-1, 19)\ntime.sleep(60)", {"timeout"}, 5),
    "floods the log": (
        "register('INVOKE')\nwait()\nfor _ in range(80): print('x' * 65_000)\nwhile wait(): pass",
        {"success"},
        0.3,
    ),
    "leaves a child with its pipes": (
        "import subprocess\nsubprocess.Popen(['/bin/sleep', '60'])\nregister('INVOKE')\nwait()\nsys.exit(1)",
        {"extension-exit"},
        5,
    ),
    "registers for a thousand events, late and again": (
        (
            "register(*['INVOKE'] * 1000)\nsay(register('INVOKE')[0])\nwait()\nsay(register('INVOKE', name='b')[0])\n"
            "while wait(): pass"
        ),
        {"success"},
        0,
    ),
    "hangs on every connection": (
        (
            "import socket\nhost, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
            "register('INVOKE')\nheld = []\n"
            "for _ in range(40):\n    held.append(socket.create_connection((host, int(port))))\n"
            "    held[-1].sendall(b'GET /2020-01-01/extension/event/next HTTP/1.1\\r\\nLambda-Extension-Name: x')\n"
            "while wait(): pass"
        ),
        {"success"},
        0,
    ),
    "floods telemetry and takes none of it": (
        subscriber(
            "server = socket.create_server(('127.0.0.1', 4243))\nregister('INVOKE')\n"
            "say(*subscribe(types=['extension']))\nwait()\nfor _ in range(6000): print('x' * 150)\nwhile wait(): pass"
        ),
        {"success"},
        0.3,
    ),
    "prints whatever it gets of what it prints": (
        subscriber("take()\nregister('INVOKE')\nsay(*subscribe(types=['extension']))\nwhile wait(): pass"),
        {"success"},
        0.3,
    ),
}


@pytest.mark.parametrize(("code", "ends", "seconds"), ATTACKS.values(), ids=ATTACKS.keys())
def test_a_hostile_extension_comes_to_a_clear_end(engine, code, ends, seconds):
    asked = {
        "version": 2,
        "function": a_function(
            files={"app.py": SLEEPY}, timeout_s=1, extensions={"evil": code if code.startswith("#!") else program(code)}
        ),
        "steps": [invoke(seconds)],
    }
    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    assert result.ended == "done"
    assert {each.outcome.value for each in result.invocations} <= ends
    assert sum(len(entry.line) for entry in result.log) < 2 * LOG_BYTES_MAX


def test_an_extension_that_takes_anothers_name_keeps_the_other_out_and_its_own_place_empty(engine):
    thief = program("status, _ = register('INVOKE', name='tap')\nsay('took', status)\nwhile wait(): pass")
    slow = LISTENS.replace('register("INVOKE", "SHUTDOWN")', 'time.sleep(0.5)\nsay(register("INVOKE")[1])\nsys.exit(4)')
    asked = {
        "version": 2,
        "function": a_function(timeout_s=2, extensions={"a-thief": thief, "tap": slow}),
        "steps": [invoke()],
    }
    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    lines = [entry.line for entry in result.log]
    assert "a-thief took 200" in lines
    assert any("State transition from Ready to Registered failed for extension tap" in line for line in lines)
    assert (result.invocations[0].outcome, result.invocations[0].error_type) == ("init-error", "Extension.Crash")


def test_telemetry_goes_nowhere_but_to_a_port_of_the_sandbox_and_to_nobody_who_comes_late(engine):
    asks = "\n".join(
        f"say(*subscribe(destination={{'protocol': 'HTTP', 'URI': 'http://{host}/'}}))"
        for host in ("169.254.169.254:80", "example.com:80", "127.0.0.1:9001", "sandbox.localdomain:9001")
    )
    asked = {
        "version": 2,
        "function": a_function(
            timeout_s=5,
            extensions={
                "evil": subscriber(f"register('INVOKE')\n{asks}\nwait()\nsay(*subscribe())\nwhile wait(): pass")
            },
        ),
        "steps": [invoke()],
    }
    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    said = [entry.line for entry in result.log if entry.line.startswith("evil 4")]
    assert [line.split()[1] for line in said] == ["400"] * 4 + ["403"]
    assert all("ValidationError" in line for line in said[:4])
    assert "Telemetry.SubscriptionClosed" in said[4]
