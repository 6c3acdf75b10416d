"""The real backends, for the service as a whole."""

from __future__ import annotations

from tests.contract.engines import docker_image, rootfs  # noqa: F401 - fixtures
from tests.playing import engine, engines  # noqa: F401 - fixtures
