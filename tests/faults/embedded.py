"""The set-up of ``make run``: one command with SQLite, an embedded broker and namespace sandboxes, on a small disk."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from playground.config.environment import CHECKOUT, embedded_socket
from sandbox_runner.backends.namespace import sandbox_processes
from sandbox_runner.image import ensure_rootfs
from tests.faults.keeping import AGAIN_S, descendants, wait_until
from tests.faults.setups import CannotBeDone, Setup, control_groups, remove_groups, small_disk

# Over what `/readyz` wants free.
DISK_MB = 256
# A word of the command line that tells the child of a role.
WORDS = {"web": "local_stack.web", "worker": "celery", "broker": "valkey"}


class Embedded(Setup):
    """``manage.py holdover``, with a supervisor for the person who would start it again."""

    name = "make run"

    def __init__(self):
        super().__init__()
        self.group = self.folder.name

    def environment(self):
        return super().environment() | {
            "HOLDOVER_DATA": str(self.disk),
            "HOLDOVER_BACKEND": "namespace",
            "PORT": str(self.port),
        }

    def _begin(self, stack):
        image = ensure_rootfs().rootfs_path.parent
        self.disk = small_disk(stack, self.folder / "data", DISK_MB)
        (self.disk / "image").symlink_to(image)
        self.broker_socket = embedded_socket(self.disk)
        self.database = self.disk / "holdover.sqlite3"
        stack.callback(remove_groups, self.group)
        stack.callback(self._end_all)
        # The control groups of its sandboxes are told from those of others on this machine by where they are.
        roots = control_groups(self.group)
        for root in roots:
            root.mkdir()
        binds = " && ".join(f"mount --bind {root} {root.parent}" for root in roots)
        start = f'{binds} && exec "$@"'
        command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", start, "sh", sys.executable)
        self.keep("supervisor", (*command, str(CHECKOUT / "manage.py"), "holdover"), before=self._wait_for_the_last)

    def _wait_for_the_last(self):
        """A person starts it again when what was there is gone."""
        with contextlib.suppress(TimeoutError):
            wait_until("the last one is gone", lambda: not self._children_of_the_dead(), 40)

    def _children_of_the_dead(self):
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_text()
                if self.folder.name.encode() in (folder / "environ").read_bytes() and any(
                    word in words for word in WORDS.values()
                ):
                    found.append(int(folder.name))
        return found

    # --- what faults are inflicted on -----------------------------------------------------------------------------

    def pid(self, role):
        if role == "supervisor":
            return super().pid(role)
        found = []

        def look():
            for pid in descendants(super(Embedded, self).pid("supervisor")):
                with contextlib.suppress(OSError):
                    if WORDS[role] in Path(f"/proc/{pid}/cmdline").read_text():
                        found.append(pid)
            return found

        wait_until(f"a {role} process", look, 60)
        return min(found)

    def kill(self, role, away_s=AGAIN_S):
        if role == "supervisor":
            super().kill(role, away_s)
        else:
            os.kill(self.pid(role), signal.SIGKILL)

    def kill_sandbox(self, name):
        """End a sandbox: with its first process everything in it."""
        for pid in {pid for pid, _ in sandbox_processes() if str(pid) == name}:
            for each in {pid, *descendants(pid)}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)

    def kill_everything(self, away_s=AGAIN_S):
        """As when the power fails: nobody gets to say anything."""
        supervisor = super().pid("supervisor")
        everybody = descendants(supervisor)
        os.kill(supervisor, signal.SIGSTOP)
        for pid in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.keeper.kept["supervisor"].kill(away_s)

    @contextlib.contextmanager
    def locked_database(self):
        """Nobody writes while the block lasts; whoever reads may."""
        with contextlib.closing(self._connect()) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def read_only_database(self):
        """Whoever opens it while the block lasts may only read."""
        files = [str(self.database), f"{self.database}-wal"]
        if subprocess.run(("chattr", "+i", *files), check=False, capture_output=True).returncode:
            subprocess.run(("chattr", "-i", *files), check=False, capture_output=True)
            raise CannotBeDone("files on this kernel's tmpfs cannot be made immutable")
        try:
            yield
        finally:
            subprocess.run(("chattr", "-i", *files), check=True, capture_output=True)

    def _connect(self):
        return sqlite3.connect(self.database, timeout=30, isolation_level=None)

    # --- what is asked of it --------------------------------------------------------------------------------------

    def rows(self):
        with contextlib.closing(self._connect()) as connection:
            connection.row_factory = sqlite3.Row
            asked = "SELECT id, status, attempts, failure_messages, claimed_by FROM experiments_run"
            return [dict(row) for row in connection.execute(asked)]

    def sandboxes(self):
        return {str(pid): owner for pid, owner in sandbox_processes() if owner.startswith(self.owner)}

    def remains(self):
        alive = len(self.sandboxes())
        groups = {folder.name for root in control_groups(self.group) for folder in root.glob("holdover/*/")}
        strays = [f"{len(groups)} control groups of {alive} sandboxes"] if len(groups) > alive else []
        mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if "/rootfs-" in line]
        return strays + [f"mount {line}" for line in mounts]

    def left_after_the_end(self):
        """What is there when it was asked to end and did."""
        self.keeper.kept.pop("supervisor").end()
        time.sleep(0.5)  # a socket that is being closed is nobody's; what stays is
        files = [self.broker_socket] if self.broker_socket.exists() else []
        return [*(f"sandbox {name}" for name in self.sandboxes()), *self.remains(), *map(str, files)]
