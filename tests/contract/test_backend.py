"""One suite for every backend: what an environment may expect of a sandbox, whoever made it."""

from __future__ import annotations

import asyncio

import pytest

from sandbox_runner.errors import SandboxLost
from sandbox_runner.guest import wire
from tests.contract.conversation import Conversation
from tests.contract.engines import NOTHING, OWNER, SPEC, EveryoneBut, traces

COUNTER = """
count = 0
def handler(event, context):
    global count
    count += 1
    return {"count": count, "event": event}
"""
TWO_LIVES = """
import os, sys, time
count = 0
def handler(event, context):
    global count
    count += 1
    with open("/tmp/kept", "a") as file:
        file.write("x")
    if event == "sleep":
        time.sleep(60)
    if event == "exit":
        sys.exit(1)
    return {"count": count, "kept": os.path.getsize("/tmp/kept")}
"""


async def test_a_backend_says_what_it_is(any_backend):
    description = await any_backend.describe()

    assert description.name == any_backend.name
    assert description.isolation
    assert description.image_digest.startswith("sha256:") or any_backend.name == "namespace"


async def test_a_real_backend_says_how_each_aspect_is_done(backend):
    assert {"network", "read-only-root", "memory-limit", "pids-limit", "seccomp", "user"} <= set(
        (await backend.describe()).fidelity
    )


async def test_the_first_message_is_hello(any_sandbox):
    assert any_sandbox.hello.wire_version == wire.WIRE_VERSION
    assert "python3.13" in any_sandbox.hello.runtimes


async def test_a_function_is_initialised_and_answers(talk):
    init = await talk.load(COUNTER)
    invocation = await talk.invoke({"message": "hoge"})

    assert init.done.status == "success"
    assert invocation.answer == {"count": 1, "event": {"message": "hoge"}}


async def test_a_warm_function_keeps_its_module_state(talk):
    await talk.load(COUNTER)

    assert [(await talk.invoke(n)).answer["count"] for n in range(3)] == [1, 2, 3]


async def test_between_two_invocations_everything_is_frozen(talk):
    init = await talk.load(COUNTER)
    first = await talk.invoke()
    second = await talk.invoke()

    assert init.frozen and first.thawed and first.frozen and second.thawed  # noqa: PT018 - one story
    assert init.frozen.at_us <= first.thawed.at_us <= first.frozen.at_us <= second.thawed.at_us


async def test_after_a_reset_the_module_state_is_new(talk):
    await talk.load(COUNTER)
    await talk.invoke()
    await talk.reset()
    await talk.init(phase="invoke")

    assert (await talk.invoke()).answer["count"] == 1


async def test_after_a_wipe_another_function_can_be_loaded(talk):
    await talk.load(COUNTER)
    await talk.invoke()
    await talk.wipe()
    await talk.load(COUNTER)

    assert (await talk.invoke()).answer["count"] == 1


@pytest.mark.parametrize(
    ("event", "met", "status", "exit_text"),
    [
        ("sleep", {"timeout_s": 0.3}, "timeout", ""),
        ("exit", {}, "exited", "exit status 1"),
        ("answer", {"timeout_s": 0.3, "fault": "timeout"}, "timeout", ""),
        ("answer", {"fault": "crash"}, "exited", "signal: killed"),
    ],
)
async def test_a_timeout_and_an_exit_lose_the_process_and_keep_tmp(real, event, met, status, exit_text):
    await real.load(TWO_LIVES)
    await real.invoke()
    ended = await real.invoke(event, **met)
    await real.reset()
    await real.init(phase="invoke")

    assert (ended.done.status, ended.done.exit) == (status, exit_text)
    assert ended.answered is None
    assert (await real.invoke()).answer == {"count": 1, "kept": 3}


async def test_a_sandbox_can_be_told_to_end(any_sandbox):
    talk = Conversation(any_sandbox)
    await talk.load(COUNTER)
    await any_sandbox.send(wire.Shutdown("spindown"))

    assert isinstance((await talk.hear(wire.ShutdownDone)).done, wire.ShutdownDone)
    with pytest.raises(SandboxLost):
        await any_sandbox.receive() if any_sandbox.id[:4] != "fake" else await gone(any_sandbox)


async def gone(sandbox):
    """The fake does not exit by itself."""
    await sandbox.destroy()
    await sandbox.receive()


async def test_a_destroyed_sandbox_neither_takes_nor_gives(any_sandbox):
    await any_sandbox.destroy()

    with pytest.raises(SandboxLost):
        await any_sandbox.send(wire.Wipe())
    with pytest.raises(SandboxLost):
        await any_sandbox.receive()


async def test_destroying_twice_and_at_once_is_destroying_once(any_sandbox):
    await asyncio.gather(any_sandbox.destroy(), any_sandbox.destroy())
    await any_sandbox.destroy()


STATES = ["fresh", "configured", "initialising", "frozen", "invoking", "between a timeout and its reset"]


@pytest.mark.parametrize("state", STATES)
async def test_a_sandbox_can_be_ended_in_every_state(backend, state):
    sandbox = await backend.start(SPEC)
    await bring_to(Conversation(sandbox), state)

    async with asyncio.timeout(10):
        await sandbox.destroy()
    assert traces() == NOTHING


async def bring_to(talk, state):
    if state == "fresh":
        return
    await talk.configure("import time; time.sleep(60)" if state == "initialising" else TWO_LIVES)
    if state == "configured":
        return
    if state == "initialising":
        await talk.sandbox.send(wire.Init("init", 10_000_000))
        return
    await talk.init()
    if state == "invoking":
        await talk.sandbox.send(wire.Invoke("r", 60_000_000, {"Lambda-Runtime-Aws-Request-Id": "r"}, b'"sleep"'))
        await talk.hear(wire.Started)
    if state.startswith("between"):
        await talk.invoke("sleep", timeout_s=0.2)


async def test_closing_a_backend_ends_what_it_started(any_backend):
    sandboxes = [await any_backend.start(SPEC) for _ in range(2)]
    await any_backend.close()

    for sandbox in sandboxes:
        with pytest.raises(SandboxLost):
            await sandbox.receive()


async def test_a_sweep_ends_the_sandboxes_of_dead_owners_only(backend, request):
    sandbox = await backend.start(SPEC)

    assert await backend.sweep(EveryoneBut("somebody who never was")) == 0
    assert await backend.sweep(EveryoneBut(OWNER)) == 1
    with pytest.raises(SandboxLost):
        await sandbox.receive()


@pytest.mark.parametrize("after_ms", [0, 2, 8, 16, 32])
async def test_a_start_that_is_cancelled_leaves_nothing(backend, after_ms):
    starting = asyncio.ensure_future(backend.start(SPEC))
    await asyncio.sleep(after_ms / 1000)
    starting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await starting
    assert traces() == NOTHING


async def test_sandboxes_know_nothing_of_each_other(backend):
    ours, theirs = Conversation(await backend.start(SPEC)), Conversation(await backend.start(SPEC))
    await ours.load(TWO_LIVES)
    await theirs.load(TWO_LIVES)
    await ours.invoke()
    await ours.invoke()

    assert (await theirs.invoke()).answer == {"count": 1, "kept": 1}
