"""A child process that ends by itself is started again as often as it may be, and no more."""

import os
import select
import signal
import subprocess
import sys

import pytest

from playground.config.environment import CHECKOUT
from playground.local_stack.children import Child, StartError


def ending_child(tmp_path, *, restarts):
    command = (sys.executable, "-c", "print('said before the end')")
    return Child("worker", command, environment={}, log=tmp_path / "worker.log", restarts=restarts)


def wait_for_its_end(child):
    child._process.wait(30)


def test_one_that_runs_is_left_alone(tmp_path):
    child = Child("worker", ("sleep", "60"), environment={"PATH": "/bin:/usr/bin"}, log=tmp_path / "log", restarts=1)
    try:
        before = child.pid
        assert (child.restart_if_ended(), child.pid) == ("", before)
    finally:
        child.end(5)


def test_one_that_ended_is_started_again_with_a_sentence(tmp_path):
    child = ending_child(tmp_path, restarts=1)
    wait_for_its_end(child)
    first = child.pid

    assert child.restart_if_ended() == "The worker process ended by itself (exit status 0) and was started again."
    assert child.pid != first
    wait_for_its_end(child)


def test_one_that_ends_too_often_is_not_started_again_and_its_last_words_are_shown(tmp_path):
    child = ending_child(tmp_path, restarts=1)
    wait_for_its_end(child)
    child.restart_if_ended()
    wait_for_its_end(child)

    with pytest.raises(StartError, match="said before the end"):
        child.restart_if_ended()


def test_one_ends_with_whoever_started_it_however_that_ended(tmp_path):
    """Nothing but the child's end closes what it writes to."""
    reading, writing = os.pipe()
    told = f"Child('worker', ('sleep', '60'), environment=dict(os.environ), log=Path({str(tmp_path / 'log')!r}), "
    told += f"restarts=1, descriptors=({writing},))"
    imports = "import os, signal; from pathlib import Path; from playground.local_stack.children import Child"
    started = [sys.executable, "-c", f"{imports}; child = {told}; os.kill(os.getpid(), signal.SIGKILL)"]

    ended = subprocess.run(started, cwd=CHECKOUT, pass_fds=[writing], check=False, timeout=60)
    os.close(writing)

    assert ended.returncode == -signal.SIGKILL
    assert select.select([reading], [], [], 30)[0]
    os.close(reading)
