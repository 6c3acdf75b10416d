"""What both set-ups are: a folder, processes that are kept, a web address, and questions to what lies behind it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import httpx
from redis import Redis

from playground.config.environment import CHECKOUT
from playground.experiments.stored_json import digest
from playground.runs.worker_registry import present_workers
from sandbox_runner.backends.pool import KINDS_MAX, READY_DEFAULT, READY_USUALLY
from tests.faults.keeping import Keeper, Kept, descendants, marked_processes, wait_until

START_S = 120
LEFT_S = 100
CLOCK_FOLDER = Path(__file__).with_name("skewed_clock")
GROUPS = Path("/sys/fs/cgroup")


class CannotBeDone(Exception):  # noqa: N818 - an answer, not a failure
    """This machine or this checkout does not allow that fault; the message says why."""


class Setup:
    """One whole Holdover. A context manager; nothing of it is left behind."""

    name = ""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="holdover-faults-"))
        self.folder.chmod(0o755)
        self.mark = f"HOLDOVER_FAULTS={self.folder.name}"
        self.secret = secrets.token_urlsafe(48)
        self.owner = f"holdover-{digest(self.secret)[:8]}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.clock_file = self.folder / "clock"
        self.keeper = Keeper()
        self.silences = []
        self._told = set()
        self._stack = contextlib.ExitStack()
        self._silence_lock = threading.Lock()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            stack.enter_context(self.keeper)
            stack.callback(self._end_all)
            self._begin(stack)
            wait_until(f"{self.name}: ready", self.is_ready, START_S)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _begin(self, stack):
        raise NotImplementedError

    def _end_all(self):
        for kept in reversed(self.keeper.kept.values()):
            kept.end()

    def keep(self, name, command, **more):
        """Start a process and keep it."""
        log = self.folder / f"{name}.log"
        self.keeper.kept[name] = Kept(name, command, environment=self.environment(), log=log, **more)
        return self.keeper.kept[name]

    def environment(self):
        """What our own processes get to know."""
        name, _, value = self.mark.partition("=")
        return {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            name: value,
            "HOLDOVER_SECRET_KEY": self.secret,
            "HOLDOVER_SUBMISSIONS_PER_MINUTE": "1000",
            "HOLDOVER_WORKER_THREADS": "2",
            "PYTHONPATH": f"{CLOCK_FOLDER}:{CHECKOUT}",
            "HOLDOVER_FAULTS_CLOCK": str(self.clock_file),
        }

    # --- what faults are inflicted on -----------------------------------------------------------------------------

    def pid(self, role):
        """The process of that role: web, worker, broker and so on."""
        return self.keeper.kept[role].pid

    def kill(self, role, away_s=1.0):
        """End it with SIGKILL; it is back ``away_s`` later."""
        self.keeper.kept[role].kill(away_s)

    def broker(self):
        """A connection to the broker, for a moment."""
        return Redis(unix_socket_path=str(self.broker_socket), socket_timeout=5, socket_connect_timeout=5)

    @contextlib.contextmanager
    def silence(self):
        """The web process is away while the block lasts and until it answers again: nobody can say anything then."""
        since = time.monotonic()
        with self._silence_lock:
            self.silences.append([since, float("inf")])
        try:
            yield
            wait_until("the web process is back", self.answers, START_S)
        finally:
            self.silences[-1][1] = time.monotonic() + 0.5

    def was_silent(self, began, ended):
        """Whether the web process was away within that stretch of time."""
        return any(began < until and ended > since for since, until in self.silences)

    # --- what is asked of it --------------------------------------------------------------------------------------

    def answers(self):
        try:
            httpx.get(f"{self.url}/healthz", timeout=4)
        except httpx.HTTPError:
            return False
        return True

    def is_ready(self):
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def workers(self):
        """The names of the workers that say they are alive."""
        with contextlib.closing(self.broker()) as broker:
            return {worker.name for worker in present_workers(broker)}

    def rows(self):
        """Every stored run."""
        raise NotImplementedError

    def sandboxes(self):
        """What there is of sandboxes: their names with their owners."""
        raise NotImplementedError

    def remains(self):
        """Sentences about what belongs to no sandbox that may be there: volumes, control groups, mounts."""
        raise NotImplementedError

    def left(self):
        """What is there and should not be: beyond the pools of the live workers, and the processes we keep."""
        workers = self.workers()
        found = self.sandboxes()
        strays = [f"sandbox {name} of {owner}" for name, owner in found.items() if owner not in workers]
        most = len(workers) * (READY_USUALLY + READY_DEFAULT * (KINDS_MAX - 1))
        if len(found) > most:
            strays.append(f"{len(found)} sandboxes, where pools have {most}")
        ours = set().union(*({kept.pid} | descendants(kept.pid) for kept in self.keeper.kept.values()))
        # A container's shim is asked after with the containers.
        marked = {pid: words for pid, words in marked_processes(self.mark).items() if "containerd-shim" not in words}
        return strays + self.remains() + [f"process {marked[pid]}" for pid in marked.keys() - ours]

    def left_for_good(self):
        """What is still left when sweeps have had their time, and was not left by an earlier group of faults."""
        end = time.monotonic() + LEFT_S
        while left := self.untold(self._left_now()):
            if time.monotonic() > end:
                break
            time.sleep(2)
        self._told.update(left)
        return left

    def untold(self, strays):
        """Those that no earlier group of faults was blamed for."""
        return [stray for stray in strays if stray not in self._told]

    def _left_now(self):
        try:
            return self.left()
        except Exception as error:  # noqa: BLE001 - what cannot be looked at is no proof that nothing is left
            return [f"it cannot be looked at: {error}"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def small_disk(stack, path, megabytes, owner="0:0"):
    """A disk of that size at ``path``, in memory, until the stack is closed."""
    path.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "holdover-faults", str(path)],
        check=True,
        capture_output=True,
    )
    stack.callback(subprocess.run, ["umount", "--lazy", str(path)], check=False, capture_output=True)
    subprocess.run(["chown", owner, str(path)], check=True)
    return path


@contextlib.contextmanager
def full(disk):
    """That disk has no byte left while the block lasts; what others free meanwhile is taken too."""
    over, balloon = threading.Event(), disk / "balloon"

    def fill():
        with balloon.open("ab", buffering=0) as file:
            while not over.wait(0.02):
                with contextlib.suppress(OSError):
                    while file.write(bytes(4096 * 64)) > 0:
                        pass
                with contextlib.suppress(OSError):
                    file.write(bytes(4096))

    filling = threading.Thread(target=fill, daemon=True)
    filling.start()
    try:
        yield
    finally:
        over.set()
        filling.join()
        balloon.unlink()


def control_groups(name):
    """Where a group of that name is, in the old layout or the new one."""
    if (GROUPS / "cgroup.controllers").exists():
        return [GROUPS / name]
    return [GROUPS / controller / name for controller in ("memory", "pids", "cpu")]


def remove_groups(name):
    """Give back a group and what is in it; what cannot be given back is left to the one who looks."""
    # An engine makes one in each controller there is.
    for root in [GROUPS / name, *GROUPS.glob(f"*/{name}")]:
        for folder in sorted([root, *root.glob("**/")], key=lambda one: -len(one.parts)):
            with contextlib.suppress(OSError):
                folder.rmdir()
