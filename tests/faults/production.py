"""The set-up like production: PostgreSQL, redis-server with a file, uvicorn, a Celery worker, an engine of its own."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import docker
import psycopg
from psycopg.rows import dict_row

from playground.config.environment import CHECKOUT
from sandbox_runner.backends.docker_command import OWNER_LABEL
from sandbox_runner.image import ensure_docker_image
from tests.faults.keeping import AGAIN_S, Kept, descendants, stopped, wait_until
from tests.faults.setups import CannotBeDone, Setup, control_groups, remove_groups, small_disk

DATABASE_MB = 160
BROKER_MB = 48
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
WORKER = (sys.executable, "-m", "celery", "--quiet", "-A", "playground", "worker", "--loglevel", "INFO", *QUIET)
MIGRATIONS = ":(glob)playground/**/migrations/*"
OTHERS_MAX = 60


class Production(Setup):
    """One of each, on unix sockets and loopback."""

    name = "production"

    def __init__(self):
        super().__init__()
        self.group = self.folder.name
        self.engine_url = f"unix://{self.folder}/engine.sock"
        self.broker_socket = self.folder / "broker.sock"
        self.database_url = f"postgresql://holdover@{str(self.folder).replace('/', '%2F')}/holdover"
        self.forget = False

    def environment(self):
        return super().environment() | {
            "HOLDOVER_DATA": str(self.folder / "data"),
            "HOLDOVER_PRODUCTION": "1",
            "HOLDOVER_ALLOWED_HOSTS": "127.0.0.1",
            "HOLDOVER_TRUSTED_ORIGINS": f"http://127.0.0.1:{self.port}",
            "HOLDOVER_BACKEND": "docker",
            "HOLDOVER_DATABASE_URL": self.database_url,
            "HOLDOVER_REDIS_URL": f"unix://{self.broker_socket}?db=0",
            "DOCKER_HOST": self.engine_url,
        }

    def _begin(self, stack):
        tag = ensure_docker_image().tag
        (self.folder / "data").mkdir()
        self.disk = small_disk(stack, self.folder / "database", DATABASE_MB, "postgres:postgres")
        self.broker_disk = small_disk(stack, self.folder / "broker", BROKER_MB)
        stack.callback(remove_groups, self.group)
        stack.callback(self._end_all)
        self._start_database()
        self._start_broker()
        self._start_engine()
        self._load(tag)
        for command in ("migrate", "collectstatic"):
            self._run(sys.executable, "manage.py", command, "--noinput")
        self.keep("worker", WORKER)
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--proxy-headers")
        self.keep("web", (sys.executable, "-m", "uvicorn", "playground.asgi:application", *where))

    def _load(self, tag):
        """The image of that tag, from the engine of this machine into ours."""
        with subprocess.Popen(["docker", "save", tag], stdout=subprocess.PIPE) as saved:
            self._run("docker", "load", stdin=saved.stdout)

    def _run(self, *command, stdin=None):
        subprocess.run(
            command, env=self.environment(), cwd=CHECKOUT, stdin=stdin, check=True, capture_output=True, timeout=120
        )

    def _start_database(self):
        programs = postgres_programs()
        as_user = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "env", "-C", "/")
        data = self.disk / "data"
        self._run(
            *as_user, programs / "initdb", "--pgdata", data, "--username", "holdover", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--wal-segsize", "1",
        )  # fmt: skip
        user = pwd.getpwnam("postgres")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        # What a killed process had written is safe without fsync; only a machine that fails needs that.
        where = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off")
        sizes = ("-c", "min_wal_size=2MB", "-c", "max_wal_size=16MB", "-c", "shared_buffers=32MB")
        self.keep("database", (*as_user, programs / "postgres", "-D", data, *where, *sizes))
        create = (programs / "createdb", "--host", self.folder, "--username", "holdover", "holdover")
        wait_until("PostgreSQL", lambda: subprocess.run(create, check=False, capture_output=True).returncode == 0, 30)

    def _start_broker(self):
        how = ("--port", "0", "--save", "", "--appendonly", "yes", "--unixsocket", str(self.broker_socket))
        self.keep("broker", ("redis-server", *how, "--dir", str(self.broker_disk)), before=self._forget)
        wait_until("Redis", lambda: subprocess.run(
            ("redis-cli", "-s", str(self.broker_socket), "ping"), check=False, capture_output=True
        ).returncode == 0, 15)  # fmt: skip

    def _forget(self):
        if self.forget:
            subprocess.run(["rm", "-rf", self.broker_disk / "appendonlydir"], check=True)

    def _start_engine(self):
        """A second engine must not touch the machine's network, and its mounts outlive it as they do on a machine."""
        apart = ("unshare", "--net", "--mount", "--propagation", "private")
        lives = self.keep("namespaces", (*apart, "sh", "-c", "ip link set lo up && exec sleep infinity"))
        wait_until("namespaces", lambda: Path(f"/proc/{lives.pid}/comm").read_text() == "sleep\n", 10)
        inside = ("nsenter", "--net", "--mount", f"--target={lives.pid}")
        root, run = self.folder / "engine", self.folder / "engine-run"
        where = ("--data-root", root, "--exec-root", run, "--pidfile", self.folder / "engine.pid")
        network = ("--bridge", "none", "--iptables=false", "--ip-forward=false", "--ip-masq=false")
        command = (*inside, "dockerd", *where, "--host", self.engine_url, *network, "--cgroup-parent", f"/{self.group}")
        self.keep("engine", command, before=lambda: (self.folder / "engine.pid").unlink(missing_ok=True))
        wait_until("the engine", self._engine_answers, 60)

    def _engine_answers(self):
        try:
            return self.engine(lambda engine: engine.ping())
        except (docker.errors.DockerException, OSError):
            return False

    def engine(self, question):
        """One question to the engine."""
        with contextlib.closing(docker.APIClient(base_url=self.engine_url, version="1.41", timeout=20)) as client:
            return question(client)

    # --- what faults are inflicted on -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def another_worker(self, folder=CHECKOUT, **more):
        """A second worker while the block lasts, of the sources in ``folder``."""
        log = self.folder / "worker2.log"
        environment = self.environment() | {"PYTHONPATH": f"{folder}"}
        before = self.workers()
        command = ("env", "-C", str(folder), *WORKER, "--hostname", "second@%h")
        worker = Kept("worker2", command, environment=environment, log=log, **more)
        self.keeper.kept["worker2"] = worker
        try:
            wait_until("a second worker", lambda: not worker.is_alive or len(self.workers() - before) > 0, 60)
            if not worker.is_alive:
                raise CannotBeDone(f"the second worker ended: {' '.join(worker.said())[-300:]}")
            yield worker
        finally:
            del self.keeper.kept["worker2"]
            worker.end()

    @functools.cached_property
    def another_version(self):
        """A folder with older sources that work on these tables, and their sandbox image in this engine."""
        asked = ("git", "-C", str(CHECKOUT), "-c", "safe.directory=*")
        listed = subprocess.run((*asked, "rev-list", f"--max-count={OTHERS_MAX}", "HEAD", "--", "playground"),
                                check=False, capture_output=True, text=True).stdout.split()  # fmt: skip
        older = [
            commit
            for commit in listed[1:]
            if not subprocess.run((*asked, "diff", "--quiet", commit, "HEAD", "--", MIGRATIONS), check=False).returncode
        ]
        if not older:
            raise CannotBeDone("no other version of the sources that works on these tables is here")
        folder = self.folder / f"version-{older[-1][:7]}"
        folder.mkdir()
        sources = subprocess.run((*asked, "archive", older[-1]), check=True, capture_output=True).stdout
        subprocess.run(("tar", "-x", "-C", folder), input=sources, check=True)
        (folder / ".cache").symlink_to(CHECKOUT / ".cache")
        self._load_image_of(folder)
        return folder

    def _load_image_of(self, folder):
        python = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        build = (sys.executable, "-m", "sandbox_runner.image", "build")
        made = subprocess.run(build, cwd=folder, env=python, check=False, capture_output=True, text=True)
        if made.returncode:
            raise CannotBeDone(f"the sandbox image of the other version cannot be built: {made.stderr[-200:]}")
        self._load(made.stdout.split()[1])

    def kill_sandbox(self, name):
        """End a sandbox with everything in it."""
        with contextlib.suppress(docker.errors.APIError):
            self.engine(lambda engine: engine.kill(name))

    def kill_everything(self, away_s=AGAIN_S):
        """As when the power fails: nobody gets to say anything."""
        roles = ["worker", "web", "engine", "broker", "database"]
        pids = [self.pid(role) for role in roles]
        shims = [pid for pid, words in _processes() if f"{self.folder}/engine-run" in words]
        grouped = [int(pid) for root in control_groups(self.group) for procs in root.glob("**/cgroup.procs")
                   for pid in procs.read_text().split()]  # fmt: skip
        with stopped(*pids):
            for pid in [*shims, *grouped]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for role in roles:
                self.keeper.kept[role].kill(away_s)

    def stop_database(self, seconds):
        """PostgreSQL with all it has started stands still."""
        with stopped(self.pid("database"), *descendants(self.pid("database"))):
            time.sleep(seconds)

    def ask_database(self, *statements):
        """Have the database do something."""
        with psycopg.connect(self.database_url, autocommit=True, connect_timeout=5) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextlib.contextmanager
    def locked_database(self):
        """Nobody reads or writes a run while the block lasts."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute("LOCK TABLE experiments_run IN ACCESS EXCLUSIVE MODE")
            yield

    @contextlib.contextmanager
    def read_only_database(self):
        """It is killed, and read-only when it is back, until the block ends."""
        self.ask_database("ALTER SYSTEM SET default_transaction_read_only = on")
        self.kill("database")
        try:
            yield
        finally:
            wait_until("PostgreSQL", self._database_answers, 30)
            writable = "SET default_transaction_read_only = off"
            self.ask_database(writable, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
            self.cut_database()

    @contextlib.contextmanager
    def no_connection_left(self):
        """Somebody else takes every connection that is free, also what is freed meanwhile, until the block ends."""
        taken, over = [], threading.Event()

        def take():
            while not over.wait(0.05):
                with contextlib.suppress(psycopg.Error):
                    while True:
                        taken.append(psycopg.connect(self.database_url, connect_timeout=5))

        taking = threading.Thread(target=take, daemon=True)
        taking.start()
        try:
            yield
        finally:
            over.set()
            taking.join()
            for connection in taken:
                connection.close()

    def cut_database(self):
        """Every connection to it is ended by it."""
        self.ask_database("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                          "AND backend_type = 'client backend'")  # fmt: skip

    def _database_answers(self):
        try:
            self.ask_database("SELECT 1")
        except psycopg.Error:
            return False
        return True

    # --- what is asked of it --------------------------------------------------------------------------------------

    def rows(self):
        wait_until("PostgreSQL", self._database_answers, 30)
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            return connection.execute(
                "SELECT id, status, attempts, failure_messages, claimed_by FROM experiments_run"
            ).fetchall()

    def sandboxes(self):
        found = self.engine(lambda engine: engine.containers(all=True))
        return {(each["Names"] or [each["Id"]])[0].strip("/"): each["Labels"].get(OWNER_LABEL, "?") for each in found}

    def remains(self):
        names = self.sandboxes()
        volumes = self.engine(lambda engine: engine.volumes()["Volumes"] or [])
        strays = [f"volume {each['Name']}" for each in volumes if each["Name"] not in names]
        known = {each["Id"] for each in self.engine(lambda engine: engine.containers())}
        running = len(known)
        shims = sum("containerd-shim" in words and f"{self.folder}/" in words for _, words in _processes())
        if shims > running:
            strays.append(f"{shims} shims of {running} running containers")
        groups = {folder.name for root in control_groups(self.group) for folder in root.glob("*/")}
        return strays + [f"control group {name}" for name in sorted(groups - known)]

    def left_after_the_end(self):
        """What is there when worker and web have been asked to end and did."""
        for role in ("web", "worker"):
            self.keeper.kept.pop(role).end()
        return [*(f"sandbox {name}" for name in self.sandboxes()), *self.remains()]


def postgres_programs():
    """The folder with PostgreSQL's own programs, the newest there is, or None."""
    found = Path("/usr/lib/postgresql").glob("*/bin")
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _processes():
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
