"""The one command that starts and stops everything on one machine, on real parts.

That it survives the loss of each part is for the matrix: tests/faults kills each of them in every run.
So is how it ends by itself: test_children.py and test_address.py beside this file hold that of its pieces.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from playground.config.environment import CHECKOUT
from playground.local_stack.stack import note_address
from sandbox_runner.backends.user_namespaces import identity
from sandbox_runner.errors import OurFailure
from sandbox_runner.image import ensure_rootfs
from tests.builders import idle, invoke, scenario
from tests.contract.engines import missing

pytestmark = pytest.mark.namespace


@pytest.fixture(scope="module")
def image_folder():
    """Where the sandbox's root file system is, built from the sources as they are."""
    try:
        identity()
        return ensure_rootfs().rootfs_path.parent
    except OurFailure as problem:
        missing(problem)


@pytest.fixture
def environ(image_folder, tmp_path):
    """A data directory of its own that shares the sandbox's root file system, and nothing asked for."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "image").symlink_to(image_folder)
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {"HOLDOVER_DATA": str(data), "HOLDOVER_BACKEND": "namespace"}


def start(environ, *options):
    command = [sys.executable, "manage.py", "holdover", *options]
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def running(environ, *options):
    """Everything, started; gives the process and the three lines it said. Ended by Ctrl-C."""
    process = start(environ, *options)
    try:
        said = [process.stdout.readline() for _ in range(3)]
        assert said[0].startswith("Holdover is at "), process.stderr.read()
        yield process, said
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def children(pid):
    """The processes that ``pid`` has started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]


def child_named(pid, word):
    return next(one for one in children(pid) if word in Path(f"/proc/{one}/cmdline").read_text("utf-8"))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ask(url, body=None):
    request = urllib.request.Request(url, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def ended(url, seconds=60):
    """What became of a run."""
    for _ in range(seconds * 10):
        if (state := ask(url))["status"] in {"finished", "failed", "cancelled"}:
            return state
        time.sleep(0.1)  # a program that asks again, as the API's users do
    return state


def answered(url, seconds=60):
    """What a server says that is on its way back."""
    for _ in range(seconds * 10):
        try:
            return ask(url)
        except OSError:
            time.sleep(0.1)  # a program that asks again
    return ask(url)


@pytest.mark.matrix
def test_a_new_installation_starts_with_one_runtime_and_has_the_others_later(environ, tmp_path):
    fresh = {**environ, "HOLDOVER_DATA": str(tmp_path / "fresh")}
    command = [sys.executable, "-m", "sandbox_runner.image", "first"]
    subprocess.run(command, cwd=CHECKOUT, env=fresh, check=True, capture_output=True)
    with running(fresh) as (_, greeting):
        waiting = ask(f"{greeting[0].split()[-1]}api/v1/runs", {"scenario": node_scenario().to_json()})
        run = ended(waiting["api_url"], 120)

    assert "other runtimes are being prepared" in greeting[2]
    assert run["status"] == "finished"


def node_scenario():
    """One request to a Node function."""
    files = {"index.mjs": "export const handler = async () => 1;"}
    return scenario(invoke({}), runtime="nodejs22.x", handler="index.handler", files=files)


def test_it_starts_refuses_a_second_one_plays_a_run_and_stops_all_it_started(environ):
    with running(environ) as (process, greeting):
        url = greeting[0].split()[-1]
        mine = children(process.pid)
        second = start(environ)
        _, refused = second.communicate(timeout=90)
        sent = ask(f"{url}api/v1/runs", {"scenario": scenario(invoke({})).to_json()})
        run = ended(sent["api_url"])
        process.send_signal(signal.SIGTERM)
        said, complaints = process.communicate(timeout=90)

    assert second.returncode == 2
    assert refused == (
        f"Another Holdover uses the data directory {environ['HOLDOVER_DATA']} already ({url}); "
        "stop it, or choose another directory with HOLDOVER_DATA.\n"
    )
    assert (run["status"], run["result"]["backend"]["name"]) == ("finished", "namespace")
    assert greeting[1].startswith("Sandbox: namespace.")
    assert environ["HOLDOVER_DATA"] in greeting[2]
    assert (process.returncode, complaints, said) == (0, "", "Stopped.\n")
    assert len(mine) == 3
    assert not any(map(is_alive, mine))


@pytest.mark.matrix
def test_a_port_that_was_asked_for_and_is_taken_is_one_sentence(environ):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        process = start(environ | {"PORT": str(port)})
        said, complaints = process.communicate(timeout=90)

    assert (process.returncode, said) == (2, "")
    assert complaints.startswith(f"Port {port} of 127.0.0.1 cannot be used")


def test_the_namespace_sandbox_is_not_offered_to_others(environ):
    process = start(environ, "--host", "0.0.0.0")
    said, complaints = process.communicate(timeout=90)

    assert (process.returncode, said) == (2, "")
    assert "for your own code" in complaints


@pytest.mark.matrix
def test_a_web_process_that_was_killed_is_started_again_where_it_was(environ):
    with running(environ) as (process, greeting):
        os.kill(child_named(process.pid, "playground.local_stack.web"), signal.SIGKILL)
        said = process.stdout.readline()
        answer = answered(f"{greeting[0].split()[-1]}healthz")

    assert said == "The web process ended by itself (by signal SIGKILL) and was started again.\n"
    assert (answer["database"], answer["broker"]) == (True, True)


@pytest.mark.matrix
def test_a_broker_that_was_killed_comes_back_empty_and_costs_no_run(environ):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(f"{environ['HOLDOVER_DATA']}/broker.sock")
    stale.close()
    environ |= {"HOLDOVER_WORKER_THREADS": "1"}
    long = scenario(invoke({"m": 1}, "a"), idle("3s"), invoke({"m": 2}, "b")).to_json()
    with running(environ) as (process, greeting):
        sent = [ask(f"{greeting[0].split()[-1]}api/v1/runs", {"scenario": long}) for _ in range(2)]
        while ask(sent[0]["api_url"])["status"] == "queued":
            time.sleep(0.05)  # a program that asks again
        os.kill(child_named(process.pid, "valkey"), signal.SIGKILL)
        said = process.stdout.readline()
        runs = [ended(one["api_url"], seconds=120) for one in sent]

    assert said == "The broker process ended by itself (by signal SIGKILL) and was started again.\n"
    assert [(run["status"], len(run["result"]["invocations"])) for run in runs] == [("finished", 2)] * 2


@pytest.mark.matrix
def test_what_ends_for_the_third_time_within_a_minute_ends_everything_with_its_last_words(environ):
    with running(environ) as (process, _):
        for _ in range(2):
            os.kill(child_named(process.pid, "valkey"), signal.SIGKILL)
            process.stdout.readline()
        os.kill(child_named(process.pid, "valkey"), signal.SIGKILL)
        _, complaints = process.communicate(timeout=90)

    assert process.returncode == 2
    assert complaints.startswith("The broker process ended by itself (by signal SIGKILL); ")


@pytest.mark.matrix
def test_a_run_whose_worker_was_killed_is_taken_up_again_by_the_worker_that_follows(environ):
    long = scenario(invoke({"m": 1}, "a"), idle("3s"), invoke({"m": 2}, "b")).to_json()
    with running(environ) as (process, greeting):
        sent = ask(f"{greeting[0].split()[-1]}api/v1/runs", {"scenario": long})
        while ask(sent["api_url"])["status"] == "queued":
            time.sleep(0.05)  # a program that asks again
        os.kill(child_named(process.pid, "celery"), signal.SIGKILL)
        said = process.stdout.readline()
        run = ended(sent["api_url"], seconds=120)

    assert said == "The worker process ended by itself (by signal SIGKILL) and was started again.\n"
    assert (run["status"], len(run["result"]["invocations"])) == ("finished", 2)


def test_a_full_disk_does_not_end_what_has_just_started(tmp_path):
    note_address(Path("/dev/full"), "http://127.0.0.1:8000/")
    note_address(tmp_path / "in-use", "http://127.0.0.1:8000/")

    assert (tmp_path / "in-use").read_text() == "http://127.0.0.1:8000/"


@pytest.mark.matrix
def test_whatever_ends_the_one_that_started_them_ends_the_rest(environ):
    process = start(environ)
    assert process.stdout.readline()
    mine = children(process.pid)

    process.kill()
    process.communicate(timeout=10)
    for _ in range(900):
        if not any(map(is_alive, mine)):
            break
        time.sleep(0.1)

    assert mine
    assert not any(map(is_alive, mine))
