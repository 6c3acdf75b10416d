"""Checks whether this machine has what the emulator needs, and says how to get what is missing."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.errors import OurFailure
from sandbox_runner.image import reference
from sandbox_runner.limits import MEMORY_MB_DEFAULT, TMP_MB_DEFAULT
from sandbox_runner.runtimes.registry import runtime_of

from .base import Backend, SandboxSpec
from .docker import DockerBackend, ask_engine
from .known_vulnerabilities import vulnerabilities
from .namespace import NamespaceBackend, is_production
from .own_images import sizes_mb
from .user_namespaces import identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.guest.wire import Hello

PYTHON_MIN: Final = (3, 11)
_NEEDED_BY: Final = {
    "docker": ("docker-engine", "docker-image", "docker-sandbox"),
    "namespace": ("root-file-system", "user", "namespace-sandbox"),
}


class Level(StrEnum):
    """Severity: a ``warning`` prevents nobody from running code, a ``problem`` does."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was checked. ``cure`` says what to do if its level is not ``ok``."""

    name: str
    level: Level
    sentence: str
    cure: str = ""

    @property
    def ok(self) -> bool:
        """Whether code can run without any further setup."""
        return self.level is not Level.PROBLEM


def diagnose() -> list[Diagnosis]:
    """Check everything; starts and ends one sandbox of each backend. Blocks for seconds; no event loop may run."""
    engine = _engine()
    answers = engine[0].ok
    found = [
        _python(),
        *engine,
        *([_image(), _starts(DockerBackend())] if answers else []),
        _rootfs(),
        _user(),
        _starts(NamespaceBackend()),
    ]
    chosen = os.environ.get("HOLDOVER_BACKEND") or ("docker" if answers else "namespace")
    if answers or chosen != "docker":
        found += _own_images(chosen)
    return [*weighed(found, chosen), _choice(chosen, docker=answers)]


def weighed(found: Sequence[Diagnosis], chosen: str) -> list[Diagnosis]:
    """``found``, with problems of the backend that is not ``chosen`` reduced to warnings. Pure."""
    idle = {name for backend, names in _NEEDED_BY.items() if backend != chosen for name in names}
    return [
        replace(each, level=Level.WARNING) if each.level is Level.PROBLEM and each.name in idle else each
        for each in found
    ]


def _level(*, ok: bool) -> Level:
    return Level.OK if ok else Level.PROBLEM


def _python() -> Diagnosis:
    return Diagnosis(
        "python",
        _level(ok=sys.version_info[:2] >= PYTHON_MIN),
        f"Python {platform.python_version()} on {platform.system()} {platform.release()}, {platform.machine()}.",
        "Python 3.11 or later is needed; `make run` brings one along.",
    )


def _engine() -> list[Diagnosis]:
    try:
        version = ask_engine(lambda engine: engine.version())
    except OurFailure as problem:
        cure = "Start it (`systemctl start docker`), install it, or set DOCKER_HOST; without it namespaces are used."
        said = str(problem)
        return [Diagnosis("docker-engine", level=Level.PROBLEM, sentence=f"{said[:1].upper()}{said[1:]}.", cure=cure)]
    parts = engine_parts(version)
    named = ", ".join(f"{name} {number}" for name, number in parts.items())
    return [
        Diagnosis("docker-engine", level=Level.OK, sentence=f"A Docker engine answers: {named}."),
        *(_flaw(sentence) for sentence in vulnerabilities(parts)),
    ]


def engine_parts(version: dict[str, Any]) -> dict[str, str]:
    """Versions of the engine and its components by name, from the engine's answer to ``GET /version``."""
    parts = {"engine": str(version.get("Version", "unknown"))}
    for part in version.get("Components") or []:
        if part.get("Name") in {"containerd", "runc"}:
            parts[part["Name"]] = str(part.get("Version", "unknown"))
    return parts


def _flaw(sentence: str) -> Diagnosis:
    return Diagnosis(
        "docker-flaws",
        Level.PROBLEM if is_production() else Level.WARNING,
        sentence=f"{sentence} Your own code on your own machine is not at risk from it; a shared deployment is.",
        cure="Update the engine's packages; a distribution may have mended it without a new number.",
    )


def _image() -> Diagnosis:
    wanted = reference().tag
    images = ask_engine(lambda engine: engine.images(wanted.split(":")[0]))
    for image in images:
        if wanted in (image.get("RepoTags") or []):
            return Diagnosis(
                "docker-image", level=Level.OK, sentence=f"The sandbox image is built: {wanted}, {image['Id']}."
            )
    what = "is of other sources than these" if images else "is not built"
    return Diagnosis(
        "docker-image", level=Level.PROBLEM, sentence=f"The sandbox image {what}.", cure="`make image` builds it."
    )


def _rootfs() -> Diagnosis:
    wanted = reference()
    if wanted.digest:
        sentence = f"The sandbox's root file system is built: {wanted.rootfs_path}, {wanted.digest}."
        return Diagnosis("root-file-system", level=Level.OK, sentence=sentence)
    what = "is of other sources than these" if wanted.rootfs_path.with_name("rootfs").exists() else "is not built"
    return Diagnosis(
        "root-file-system",
        level=Level.PROBLEM,
        sentence=f"The sandbox's root file system {what}; the namespace sandbox needs it.",
        cure="`python -m sandbox_runner.image rootfs` builds it.",
    )


def _own_images(backend: str) -> list[Diagnosis]:
    return [
        Diagnosis(
            f"image-{runtime}",
            level=Level.OK,
            sentence=f"{runtime} has an image of its own, {mb} MB on disk."
            if mb
            else f"{runtime} has an image of its own, made when a function first needs it.",
        )
        for runtime, mb in sizes_mb(backend).items()
    ]


def _user() -> Diagnosis:
    try:
        mapped = identity().uids
    except OurFailure as problem:
        return Diagnosis(
            "user", level=Level.PROBLEM, sentence=f"{problem}.", cure="See the sentence above, or use Docker."
        )
    how = "who makes namespaces in a user namespace" if mapped else "root, who makes namespaces directly"
    return Diagnosis("user", level=Level.OK, sentence=f"You are user {os.geteuid()}, {how}.")


def _starts(backend: Backend) -> Diagnosis:
    name = f"{backend.name}-sandbox"
    started = time.monotonic()
    try:
        hello = asyncio.run(_greet(backend))
    except OurFailure as problem:
        return Diagnosis(
            name, level=Level.PROBLEM, sentence=f"No {backend.name} sandbox starts: {problem}.", cure="See above."
        )
    took = round(1000 * (time.monotonic() - started))
    return Diagnosis(
        name, level=Level.OK, sentence=f"A {backend.name} sandbox came and went in {took} ms, {_offer(hello)}."
    )


async def _greet(backend: Backend) -> Hello:
    owner = f"doctor-{os.getpid()}"
    try:
        return (await backend.start(SandboxSpec(owner, MEMORY_MB_DEFAULT, TMP_MB_DEFAULT))).hello
    finally:
        await backend.close()


def _offer(hello: Hello) -> str:
    return f"offering {', '.join(_offered(*each) for each in sorted(hello.runtimes.items()))}"


def _offered(runtime: str, versions: Mapping[str, str]) -> str:
    """The runtime with its interpreter and its client: an SDK has too many packages for a sentence."""
    sdk = runtime_of(runtime).sdk
    own = [f"{name} {number}" for name, number in sorted(versions.items()) if name not in sdk]
    has = [*own, *(["AWS's SDK"] if sdk else [])]
    return f"{runtime} ({', '.join(has)})" if has else runtime


def _choice(chosen: str, *, docker: bool) -> Diagnosis:
    why = (
        "as HOLDOVER_BACKEND asks"
        if os.environ.get("HOLDOVER_BACKEND")
        else "because a Docker engine answers"
        if docker
        else "for want of Docker"
    )
    ok = not (chosen == "namespace" and is_production()) and not (chosen == "docker" and not docker)
    cure = "Run a Docker engine and set HOLDOVER_BACKEND=docker."
    return Diagnosis(
        "choice", level=_level(ok=ok), sentence=f"Runs use the {chosen} sandbox, {why}.", cure="" if ok else cure
    )
