"""The real backends, as the contract suite makes them."""

from __future__ import annotations

from tests.contract.engines import docker_image, rootfs  # noqa: F401 - fixtures
