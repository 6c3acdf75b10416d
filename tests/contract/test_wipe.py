"""After a wipe a sandbox is as a fresh one: the replays that prove a leak depend on it."""

from __future__ import annotations

import pytest

from tests.contract.carry_over import WAYS

LITTER = """
import ctypes, os, time
libc = ctypes.CDLL(None)
def handler(event, context):
    os.makedirs("/tmp/a/b/c")
    for number in range(50):
        with open(f"/tmp/a/b/{number}", "w") as file:
            file.write("left")
    os.chmod("/tmp/a", 0)
    os.symlink("/etc/passwd", "/tmp/link")
    os.mkfifo("/tmp/fifo")
    with open("/tmp/.hidden", "w") as file:
        file.write("left")
    libc.shmget(1234, 4096, 0o1666)
    libc.msgget(1234, 0o1666)
    libc.semget(1234, 1, 0o1666)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
"""
LOOK_ROUND = """
import os
def rows(path):
    with open(path) as file:
        return len(file.readlines()) - 1
def handler(event, context):
    return {
        "tmp": sorted(os.listdir("/tmp")),
        "mode": oct(os.stat("/tmp").st_mode),
        "task": sorted(name for name in os.listdir("/var/task") if name != "__pycache__"),
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "ipc": {kind: rows(f"/proc/sysvipc/{kind}") for kind in ("shm", "msg", "sem")},
        "environment": os.environ.get("LEFT"),
    }
"""


async def test_a_wiped_sandbox_is_as_a_fresh_one(real):
    await real.load(LOOK_ROUND)
    fresh = (await real.invoke()).answer
    await real.wipe()
    await real.load(LITTER, environment={"LEFT": "yes"})
    littered = await real.invoke()
    await real.wipe()
    await real.load(LOOK_ROUND)

    assert littered.done.status == "success"
    assert (await real.invoke()).answer == fresh
    assert fresh["tmp"] == []


async def test_a_reset_keeps_tmp_and_ends_every_process(real):
    code = LITTER.replace("def handler", "def litter") + LOOK_ROUND.replace("def handler", "def look")
    await real.load(code + "\ndef handler(event, context):\n    return (litter if event else look)(event, context)\n")
    tidy = (await real.invoke(0)).answer
    await real.invoke(1)
    await real.reset()
    await real.init(phase="invoke")
    found = (await real.invoke(0)).answer

    assert found["tmp"] == [".hidden", "a", "fifo", "link"]
    assert found["processes"] == tidy["processes"]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
async def test_nothing_is_carried_across_a_wipe(real, way):
    await real.load(way.code())
    fresh = (await real.invoke("find")).answer
    await real.wipe()
    await real.load(way.code())
    left = (await real.invoke("put")).answer
    await real.wipe()
    await real.load(way.code())
    found = (await real.invoke("find")).answer

    # What was not refused has to be there before the wipe, or this would show nothing.
    assert left["refused"] or left["found"] != fresh["found"]
    assert found == fresh
