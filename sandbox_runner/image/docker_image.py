"""The Docker image: Debian and the runtimes in one image, the guest in a second on top, so the second is quick."""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import docker
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.runtimes.registry import RUNTIMES

from . import overlay, volumes
from .answering import ensure_answering
from .commands import lock, made_whole, say
from .docker_base import base_image
from .fingerprint import inputs
from .parts import make_parts
from .paths import PACKAGE, cache_dir
from .progress import Progress
from .reference import REPOSITORY, ImageReference, reference
from .selection import image_of, selected
from .tools import ensure_tools

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox_runner.runtimes.model import Runtime

_BUILD_SECONDS: Final = 900


def ensure_docker_image(runtimes: Sequence[Runtime] | None = None) -> ImageReference:
    """Build the image unless the engine has it already.

    :param runtimes: those of the image; by default the usual one's.
    :raises BackendUnavailable: no engine answers, or the image cannot be built; says what is missing.
    """
    image = tuple(runtimes or selected())
    wanted = reference(image)
    try:
        with closing(docker.from_env(timeout=_BUILD_SECONDS)) as engine:
            digest = _image_id(engine, wanted.tag)
            if not digest:
                with lock(cache_dir()):
                    digest = _image_id(engine, wanted.tag) or _build(engine, wanted.tag, image)
            if image == selected():
                for shown in (ensure_tools(), ensure_answering()):
                    volumes.fill(engine.api, wanted.tag, shown.name, shown.archive)
    except BuildError as error:
        log = "".join(str(line.get("stream", line.get("error", ""))) for line in error.build_log)
        raise BackendUnavailable(f"the sandbox image does not build: {error.msg}\n{log[-2000:]}") from error
    except (DockerException, OSError) as error:
        raise BackendUnavailable(f"no Docker engine can build the sandbox image: {error}") from error
    return replace(wanted, digest=digest)


def has_docker_image(runtimes: Sequence[Runtime] | None = None) -> bool:
    """Whether the engine has that image of the sources as they are."""
    with closing(docker.from_env()) as engine:
        return bool(_image_id(engine, reference(runtimes).tag))


def remove_stale_images() -> int:
    """Remove the names that this builder gave to images of older sources; returns how many.

    Only names of its own two repositories: an image that someone else built on ours carries our labels too.
    """
    removed = 0
    with closing(docker.from_env(timeout=_BUILD_SECONDS)) as engine:
        for name in _stale_names(engine):
            with suppress(APIError):
                engine.images.remove(name)
                removed += 1
    return removed


def _stale_names(engine: docker.DockerClient) -> list[str]:
    made = [image_of(runtime) for runtime in RUNTIMES]
    current = {f"{REPOSITORY}:latest", *(reference(image).tag for image in made)}
    current |= {f"{REPOSITORY}-runtimes:{inputs(image).system}" for image in made}
    ours = [image for name in (REPOSITORY, f"{REPOSITORY}-runtimes") for image in engine.images.list(name=name)]
    names = {name for image in ours for name in image.tags}
    return sorted(name for name in names - current if name.startswith((f"{REPOSITORY}:", f"{REPOSITORY}-runtimes:")))


def _image_id(engine: docker.DockerClient, tag: str) -> str:
    try:
        return str(engine.images.get(tag).id)
    except ImageNotFound:
        return ""


def _build(engine: docker.DockerClient, tag: str, image: Sequence[Runtime]) -> str:
    runtimes = f"{REPOSITORY}-runtimes:{inputs(image).system}"
    if not _image_id(engine, runtimes):
        with Progress() as progress:
            _build_runtimes(engine, runtimes, image, progress)
    say(f"building {tag}")
    with made_whole(cache_dir() / "guest-context") as context:
        overlay.assemble_guest(context / "holdover")
        shutil.copyfile(PACKAGE / "Dockerfile.guest", context / "Dockerfile")
        built = _build_folder(engine, context, tag, {"RUNTIMES": runtimes})
    if tuple(image) == selected():
        engine.api.tag(tag, REPOSITORY, "latest")
    return built


def _build_runtimes(engine: docker.DockerClient, tag: str, image: Sequence[Runtime], progress: Progress) -> None:
    debian = make_parts(lambda: base_image(engine, image[0].suite), progress, image)
    with progress.part("image"), made_whole(cache_dir() / "runtimes-context") as context:
        overlay.assemble_system(context / "overlay", image)
        (context / "inside").mkdir()
        shutil.copyfile(PACKAGE / "inside" / "finish.py", context / "inside" / "finish.py")
        shutil.copyfile(PACKAGE / "Dockerfile", context / "Dockerfile")
        say(f"building {tag}")
        _build_folder(engine, context, tag, {"BASE": debian})
    shutil.rmtree(cache_dir() / "runtimes-context")


def _build_folder(engine: docker.DockerClient, context: Path, tag: str, arguments: dict[str, str]) -> str:
    try:
        image, _ = engine.images.build(path=str(context), tag=tag, buildargs=arguments, rm=True, forcerm=True)
    except APIError as error:
        raise BackendUnavailable(f"the Docker engine refused to build {tag}: {error.explanation}") from error
    return str(image.id)
