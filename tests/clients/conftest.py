"""The real backends, each with the clients that its image holds."""

from __future__ import annotations

from tests.contract.engines import docker_image, rootfs  # noqa: F401 - fixtures
from tests.playing import engine, engines  # noqa: F401 - fixtures
