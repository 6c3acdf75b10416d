"""Frozen means frozen: nothing of a function runs between its invocations, and all of it goes on afterwards."""

from __future__ import annotations

import asyncio

import pytest

from sandbox_runner.guest import wire

IDLE_S = 2.0

THREAD = """
import threading, time
ticks = []
def tick():
    while True:
        time.sleep(0.02)
        ticks.append(time.monotonic_ns() // 1000)
threading.Thread(target=tick, daemon=True).start()
def handler(event, context):
    time.sleep(0.15)
    return ticks
"""
DAEMON = """
import os, time
def handler(event, context):
    if event == "start" and os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        while True:
            time.sleep(0.02)
            with open("/tmp/ticks", "a") as file:
                file.write(f"{time.monotonic_ns() // 1000}\\n")
    time.sleep(0.15)
    return [int(line) for line in open("/tmp/ticks")]
"""
WORKS_OR_WAITS = """
import os, time
def work():
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
def handler(event, context):
    if event == "work":
        work()
    elif event == "wait":
        time.sleep(0.2)
    elif os.fork() == 0:
        work()
        os._exit(0)
    else:
        os.wait()
"""
INTERVAL = """
const ticks = [];
setInterval(() => ticks.push(Number(process.hrtime.bigint() / 1000n)), 20);
export const handler = async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    return ticks;
};
"""


@pytest.mark.parametrize(
    ("ticker", "runtime", "code"),
    [
        ("a thread", "python3.13", THREAD),
        ("a double-forked daemon", "python3.13", DAEMON),
        ("an interval", "nodejs22.x", INTERVAL),
    ],
)
async def test_what_ticks_every_20_ms_makes_no_tick_while_frozen_and_goes_on_after(real, ticker, runtime, code):
    await real.load(code, runtime=runtime)
    first = await real.invoke("start")
    await asyncio.sleep(IDLE_S)
    second = await real.invoke("again")

    ticks = second.answer
    frozen_us, thawed_us = first.frozen.at_us, second.thawed.at_us
    assert thawed_us - frozen_us >= IDLE_S * 1e6
    assert [tick for tick in ticks if tick < frozen_us], f"{ticker} did not tick before"
    assert [tick for tick in ticks if frozen_us < tick < thawed_us] == []
    assert [tick for tick in ticks if tick >= thawed_us], f"{ticker} did not go on"


async def test_what_was_initialised_for_a_request_that_went_elsewhere_is_frozen_at_a_word(real):
    await real.load(THREAD)
    await real.sandbox.send(wire.Freeze())
    frozen = (await real.hear(wire.Frozen)).frozen
    await asyncio.sleep(IDLE_S)
    heard = await real.invoke("start")

    assert frozen.processes >= 1
    assert heard.thawed.at_us - frozen.at_us >= IDLE_S * 1e6
    assert [tick for tick in heard.answer if frozen.at_us < tick < heard.thawed.at_us] == []
    assert [tick for tick in heard.answer if tick >= heard.thawed.at_us]


async def test_a_freeze_says_how_long_the_processes_have_worked(real):
    await real.load(WORKS_OR_WAITS)
    heard = [await real.invoke(how, timeout_s=20) for how in ("wait", "work", "have a child work")]
    worked = [each.frozen.worked_us for each in heard]
    assert worked[0] < 200_000
    assert 150_000 <= worked[1] - worked[0] < 300_000
    assert 150_000 <= worked[2] - worked[1] < 300_000


async def test_the_clock_of_the_wall_and_the_monotonic_one_both_go_on(real):
    await real.load("import time\ndef handler(event, context):\n    return [time.time(), time.monotonic()]")
    before = (await real.invoke()).answer
    await asyncio.sleep(IDLE_S)
    after = (await real.invoke()).answer

    assert [later - earlier >= IDLE_S for earlier, later in zip(before, after, strict=True)] == [True, True]
