"""Late output is given to the request that started its work, in both languages, on every real backend."""

from __future__ import annotations

import pytest

from sandbox_runner.messages import render
from sandbox_runner.scenario.parts import Peer
from tests.builders import idle, invoke, scenario

THREAD = """
import threading, time
def audit(who):
    time.sleep(0.3)
    print("audit", who)
def handler(event, context):
    threading.Thread(target=audit, args=(event["who"],)).start()
    time.sleep(0.1)
"""
TASK = """
import asyncio, logging
loop = asyncio.new_event_loop()
async def audit(who):
    await asyncio.sleep(0.3)
    logging.warning("audit %s", who)
async def main(who):
    main.task = loop.create_task(audit(who))
    await asyncio.sleep(0.1)
def handler(event, context):
    loop.run_until_complete(main(event["who"]))
"""
CHILD = """
import subprocess, time
def handler(event, context):
    subprocess.Popen(["sh", "-c", f"sleep 0.3; echo audit {event['who']}"])
    time.sleep(0.1)
"""
PROMISE = """
import { setTimeout as sleep } from "node:timers/promises";
const audit = async (who) => { await sleep(300); console.log("audit", who); };
export const handler = async (event) => { audit(event.who); await sleep(100); };
"""
TIMER = """
import { setTimeout as sleep } from "node:timers/promises";
export const handler = async (event) => {
  setTimeout(() => process.stdout.write(`audit ${event.who}\\n`), 300);
  await sleep(100);
};
"""
AWAITED = PROMISE.replace("audit(event.who);", "await audit(event.who);")


@pytest.mark.parametrize(
    ("kind", "runtime", "code"),
    [
        ("thread", "python3.13", THREAD),
        ("promise", "python3.13", TASK),
        ("child", "python3.13", CHILD),
        ("promise", "nodejs22.x", PROMISE),
        ("promise", "nodejs24.x", PROMISE),
        ("timer", "nodejs22.x", TIMER),
        ("timer", "nodejs24.x", TIMER),
    ],
)
def test_what_comes_out_in_the_second_request_is_the_firsts(engine, kind, runtime, code):
    (late,) = played(engine, runtime, code).late_work

    assert (late.started_by, late.ran_in, late.kind, late.text) == (1, 2, kind, "audit alice-7Qx")
    assert late.frozen_us < late.at_us


@pytest.mark.smoke
def test_what_is_awaited_is_nobody_elses(engine):
    assert played(engine, "nodejs22.x", AWAITED).late_work == ()


def played(engine, runtime, code):
    file = "app.py" if runtime.startswith("python") else "app.mjs"
    steps = invoke({"who": "alice-7Qx"}, "a"), idle(1), invoke({"who": "bob-91Kz"}, "b")
    return engine.run(scenario(*steps, runtime=runtime, files={file: code}))


LATE_EFFECTS = """
import socket, threading, time
def later():
    time.sleep(0.3)
    with open("/tmp/audit.txt", "a") as file:
        file.write("late")
    with socket.create_connection(("backend", 7000)) as connection:
        connection.sendall(b"late")
        connection.recv(4)
def handler(event, context):
    if event["who"] == "first":
        threading.Thread(target=later).start()
    else:
        time.sleep(0.6)
"""
LATE_EFFECTS_NODE = """
import { appendFileSync } from "node:fs";
import net from "node:net";
const sleep = (ms) => new Promise((go) => setTimeout(go, ms));
const later = () => {
  appendFileSync("/tmp/audit.txt", "late");
  const connection = net.connect(7000, "backend", () => connection.end("late"));
};
export const handler = async (event) => {
  if (event.who === "first") setTimeout(later, 300);
  else await sleep(600);
};
"""


@pytest.mark.parametrize(
    ("runtime", "code"),
    [("python3.13", LATE_EFFECTS), ("nodejs22.x", LATE_EFFECTS_NODE), ("nodejs24.x", LATE_EFFECTS_NODE)],
)
def test_a_file_and_what_a_peer_receives_are_given_to_the_request_that_started_the_work(engine, runtime, code):
    file = "app.py" if runtime.startswith("python") else "app.mjs"
    asked = scenario(
        invoke({"who": "first"}), idle(0.5), invoke({"who": "second"}), runtime=runtime, files={file: code}
    )
    result = engine.run(asked.model_copy(update={"peers": (Peer(name="backend"),)}))

    told = {(each.started_by, each.ran_in, each.effect, render(each.done)) for each in result.late_work}
    assert told == {(1, 2, "file", "wrote /tmp/audit.txt"), (1, 2, "peer", "sent 4 bytes to backend")}
    (sent,) = [each.at_us for each in result.late_work if each.effect == "peer"]
    received = [each for each in result.events if each.record.type == "peer.event" and each.record.what == "received"]
    assert [each.at_us for each in received] == [sent]
