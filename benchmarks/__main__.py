"""``python -m benchmarks [PART …]``: what the design promises, measured on this machine.

Nothing here passes or fails a build: figures depend on the machine, so what counts is a ratio of two things that were
played in turns. A goal that was missed is said, and printed as such.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import traceback
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.account import in_the_account, with_calls
from benchmarks.cold import cold
from benchmarks.crowd import crowd
from benchmarks.fleet import fifty_at_once
from benchmarks.live import live
from benchmarks.noise import noise
from benchmarks.packages import packages, popular
from benchmarks.probe import probe
from benchmarks.proofs import proofs
from benchmarks.sdk import sdk
from benchmarks.verdict import through_the_engine, through_the_product
from benchmarks.warm import freezing, warm
from benchmarks.web.library import library
from benchmarks.web.pages import pages
from benchmarks.web.streams import streams
from sandbox_runner.backends import choose
from sandbox_runner.errors import OurFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sandbox_runner.backends import Backend

PARTS = (
    "warm",
    "freeze",
    "probe",
    "cold",
    "sdk",
    "account",
    "calls",
    "packages",
    "popular",
    "fleet",
    "engine",
    "web",
    "live",
    "proofs",
    "crowd",
    "noise",
    "library",
    "streams",
    "pages",
)
# These have nothing to do with a sandbox and are measured once.
WITHOUT_BACKEND = ("library", "streams", "pages")


def main() -> int:
    """Measure what was asked for; returns 1 if a part could not be measured."""
    asked = _arguments()
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load:.2f}, Python {platform.python_version()}")
    parts = asked.parts or PARTS
    on_backends = [part for part in parts if part not in WITHOUT_BACKEND]
    backends = (asked.backend or [choose().name]) if on_backends else []
    done = [
        _measure(f"{part}, {name}", partial(_lines, part, name, asked.rounds, asked.rows))
        for name in backends
        for part in on_backends
    ]
    if "library" in parts:
        done.append(_measure("library", partial(library, asked.rounds, asked.experiments)))
    if "streams" in parts:
        done.append(_measure("streams", partial(streams, asked.rounds)))
    if "pages" in parts:
        done.append(_measure("pages", pages))
    return 0 if all(done) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what the design promises.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    parser.add_argument("--backend", action="append", choices=("docker", "namespace"), help="may be given twice")
    parser.add_argument("--rounds", type=int, default=10, help="how often each thing is played (default 10)")
    parser.add_argument("--experiments", type=int, default=100_000, help="how many the library has (default 100000)")
    parser.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="WORD",
        help="of proofs, those whose name has it; may be repeated",
    )
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return asked


def _measure(title: str, lines: Callable[[], Iterable[str]]) -> bool:
    try:
        for line in lines():
            print(line, flush=True)
    except OurFailure as problem:
        print(f"\n{title}: not measured: {problem}")
        return False
    except Exception:  # noqa: BLE001 - one part that cannot be measured must not hide the others
        print(f"\n{title}: not measured")
        traceback.print_exc(file=sys.stdout)
        return False
    return True


def _lines(part: str, name: str, rounds: int, rows: Sequence[str]) -> Iterable[str]:
    on_a_backend: dict[str, Callable[[Backend], Awaitable[list[str]]]] = {
        "warm": lambda backend: warm(backend, rounds, block=200),
        "freeze": lambda backend: freezing(backend, rounds, block=50),
        "probe": lambda backend: probe(backend, rounds, block=100),
        "cold": lambda backend: cold(backend, rounds),
        "sdk": lambda backend: sdk(backend, rounds),
        "account": lambda backend: in_the_account(backend, rounds),
    }
    if part in on_a_backend:
        return asyncio.run(_with(name, on_a_backend[part]))
    through_an_engine: dict[str, Callable[[], Iterable[str]]] = {
        "calls": lambda: with_calls(name, rounds),
        "fleet": lambda: fifty_at_once(name),
        "packages": lambda: packages(name, rounds),
        "popular": lambda: popular(name),
        "proofs": lambda: proofs(name, rows),
        "crowd": lambda: crowd(name),
        "noise": lambda: noise(name, rounds),
        "engine": lambda: through_the_engine(name, rounds),
        "web": lambda: through_the_product(name, rounds),
        "live": lambda: live(name, rounds),
    }
    return through_an_engine[part]()


async def _with(name: str, measure: Callable[[Backend], Awaitable[list[str]]]) -> list[str]:
    backend = choose(name)
    try:
        return await measure(backend)
    finally:
        await backend.close()


if __name__ == "__main__":
    sys.exit(main())
