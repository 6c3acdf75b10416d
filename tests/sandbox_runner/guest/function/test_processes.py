"""Signals go to everybody: so the supervisor must be process 1 of a namespace, or it signals nobody."""

import os
import signal
import subprocess
import sys

import pytest

from sandbox_runner.guest.function.processes import Launch, Processes, is_at_rest, process_ids

LAUNCH = Launch(command=["/bin/true"], environment={}, stdout=1, stderr=2, inherited=[])


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param(lambda processes: processes.start(LAUNCH), id="start"),
        pytest.param(lambda processes: processes.stop_all(), id="stop"),
        pytest.param(lambda processes: processes.continue_all(), id="continue"),
        pytest.param(lambda processes: processes.kill_all(), id="kill"),
    ],
)
def test_outside_of_a_namespace_of_its_own_nothing_is_touched(verb, monkeypatch):
    sent = []
    monkeypatch.setattr(os, "kill", lambda *arguments: sent.append(arguments))

    with pytest.raises(RuntimeError, match="process 1"):
        verb(Processes())

    assert sent == []


def test_the_supervisor_starts_only_as_process_1():
    done = subprocess.run(
        [sys.executable, "-m", "sandbox_runner.guest"], capture_output=True, text=True, check=False, input=""
    )

    assert done.returncode == 1
    assert "only as process 1" in done.stderr


def test_a_process_is_at_rest_when_all_its_threads_are_stopped():
    program = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); print(flush=True)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        pid = str(process.pid)
        assert pid in process_ids()
        assert not is_at_rest(pid)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert is_at_rest(pid)
        process.kill()
    assert is_at_rest(pid)
