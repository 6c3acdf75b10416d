"""A thousand streams of one run on one web process: what they cost, and what pages take meanwhile.

``HOLDOVER_TEST_POSTGRES_URL`` and ``HOLDOVER_TEST_REDIS_URL`` name the servers, as ``scripts/with-services`` does;
PostgreSQL has its default of 100 connections.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from benchmarks.figures import Measured, heading
from benchmarks.web.library import ROOT, postgresql_database

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS: Final = 1000
CONNECTIONS_GOAL: Final = 40
_AT_ONCE: Final = 50
_SETTLED_S: Final = 12.0
_STREAMS: Final = ("/r/{run}/events", "/api/v1/runs/{run}/events")
_PAGES: Final = {"home": "/", "run page": "/r/{run}", "API run": "/api/v1/runs/{run}", "library": "/library"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What the web process holds, and how many connections its database has."""

    descriptors: int
    threads: int
    memory_kb: int
    connections: int

    def line(self, name: str) -> str:
        """The figures for a person."""
        memory = f"{self.memory_kb / 1000:.1f} MB"
        return (
            f"  {name:<24} {self.descriptors} descriptors, {self.threads} threads, {memory}, "
            f"{self.connections} connections to PostgreSQL"
        )


def streams(rounds: int) -> list[str]:
    """The part as lines."""
    server, redis = (os.environ.get(f"HOLDOVER_TEST_{name}_URL", "") for name in ("POSTGRES", "REDIS"))
    if not server or not redis:
        return ["\nstreams: not measured: HOLDOVER_TEST_POSTGRES_URL or HOLDOVER_TEST_REDIS_URL names no server"]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_database(server))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="holdover-bench-"))
        environment = os.environ | {
            "HOLDOVER_DATABASE_URL": url,
            "HOLDOVER_REDIS_URL": redis,
            "HOLDOVER_DATA": folder,
            "HOLDOVER_STREAMS_MAX": str(2 * STREAMS),
            "HOLDOVER_STREAMS_PER_CLIENT": str(2 * STREAMS),
        }
        _manage(environment, "migrate", "--verbosity=0")
        _manage(environment, "collectstatic", "--noinput", "--verbosity=0")
        played = stack.enter_context(_process(environment, "-m", "benchmarks.web.streams_run"))
        run = (played.stdout or sys.stdin).readline().strip()
        web = stack.enter_context(_web(environment))
        return asyncio.run(_measured(_Site(web.address, web.pid, url, run), played, rounds))


@dataclass(frozen=True, slots=True)
class _Web:
    address: tuple[str, int]
    pid: int


@dataclass(frozen=True, slots=True)
class _Site:
    address: tuple[str, int]
    pid: int
    database: str
    run: str

    def cost(self) -> Cost:
        """What it holds now."""
        here = Path(f"/proc/{self.pid}")
        said = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
        with psycopg.connect(self.database) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        memory_kb = int(said["VmRSS"].split()[0])
        return Cost(len(list((here / "fd").iterdir())), int(said["Threads"]), memory_kb, found[0] if found else 0)

    def page_ms(self, path: str) -> float:
        """How long a page takes."""
        began_s = time.perf_counter()
        url = f"http://{self.address[0]}:{self.address[1]}{path.format(run=self.run)}"
        with urllib.request.urlopen(url, timeout=60) as answer:
            answer.read()
        return (time.perf_counter() - began_s) * 1000


async def _measured(site: _Site, played: subprocess.Popen[str], rounds: int) -> list[str]:
    before = await asyncio.to_thread(_pages, site, "without streams", rounds)
    alone = site.cost()
    began_s = time.perf_counter()
    opening = asyncio.Semaphore(_AT_ONCE)
    opened = asyncio.Semaphore(0)
    watchers = [asyncio.create_task(_watch(site, number, opening, opened)) for number in range(STREAMS)]
    for _ in range(STREAMS):
        await opened.acquire()
    opened_s = time.perf_counter() - began_s
    await asyncio.sleep(_SETTLED_S)
    costs = [site.cost()]
    meanwhile = await asyncio.to_thread(_pages, site, f"with {STREAMS} streams", rounds)
    costs.append(site.cost())
    (played.stdin or sys.stdout).close()
    ended = await asyncio.gather(*watchers)
    most = max(cost.connections for cost in costs)
    return [
        heading(f"{STREAMS} streams of one run, one web process"),
        *(one.line() for one in (*before, *meanwhile)),
        alone.line("without streams"),
        *(cost.line(f"with {STREAMS} streams") for cost in costs),
        f"  opened within {opened_s:.1f} s; a stream costs {(costs[0].memory_kb - alone.memory_kb) / STREAMS:.1f} kB",
        f"  heard to its end: {sum(ended)} of {STREAMS}",
        f"  connections to PostgreSQL: at most {most}   goal ≤ {CONNECTIONS_GOAL}: {_met(most <= CONNECTIONS_GOAL)}",
    ]


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _pages(site: _Site, when: str, rounds: int) -> list[Measured]:
    samples: dict[str, list[float]] = {name: [] for name in _PAGES}
    for _ in range(4 * rounds):
        for name, path in _PAGES.items():
            samples[name].append(site.page_ms(path))
    return [Measured(f"{name}, {when}", (tuple(found),)) for name, found in samples.items()]


async def _watch(site: _Site, number: int, opening: asyncio.Semaphore, opened: asyncio.Semaphore) -> bool:
    """One watcher; whether the run's end was heard on the one connection."""
    path = _STREAMS[number % 2].format(run=site.run)
    async with opening:
        reader, writer = await asyncio.open_connection(*site.address)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        begun = await reader.readuntil(b"\r\n\r\n")
        await reader.readline()
    opened.release()
    heard = b""
    while b"event: done" not in heard and begun.startswith(b"HTTP/1.1 200"):
        read = await reader.read(65536)
        if not read:
            return False
        heard = heard[-20:] + read
    writer.close()
    return b"event: done" in heard


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)


@contextmanager
def _process(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _web(environment: dict[str, str]) -> Iterator[_Web]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address: tuple[str, int] = free.getsockname()
    manner = ("--host", address[0], "--port", str(address[1]), "--log-level", "warning", "--no-access-log")
    with _process(environment, "-m", "uvicorn", "playground.asgi:application", *manner) as process:
        while True:
            try:
                socket.create_connection(address, 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield _Web(address, process.pid)
