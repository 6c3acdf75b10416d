"""What every test shares: real backends, a pace for properties, and who plays what where a run is divided."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from sandbox_runner.run.engine import Engine
from tests import walking
from tests.contract.engines import (
    BACKENDS,
    NOTHING,
    docker_image,  # noqa: F401 - a fixture
    make_backend,
    rootfs,  # noqa: F401 - a fixture
    traces,
)
from tests.dividing import Dividing
from tests.running_time import RunningTime

settings.register_profile("holdover", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("holdover")


def pytest_addoption(parser):
    parser.addoption("--write-result", metavar="PATH", help="write counts and running time by folder to this file")


def pytest_configure(config):
    config.pluginmanager.register(RunningTime(config), "running-time")
    config.pluginmanager.register(Dividing(config), "dividing")
    config.pluginmanager.register(walking, "walking")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays to the end: to look for garbage among it again and again took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """What a test printed travels between the processes of a divided run as UTF-8; half a character is written out."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    if isinstance(report.longrepr, str):
        report.longrepr = report.longrepr.encode("utf-8", "backslashreplace").decode()
    return report


@pytest.fixture(params=BACKENDS)
async def backend(request):
    """Each real backend, a test's own; nothing of it may be left."""
    made = make_backend(request.param, request)
    yield made
    await made.close()
    assert traces() == NOTHING


@pytest.fixture(scope="session")
def engines():
    """One engine of each backend that was asked for, in whatever order tests ask."""
    made = {}
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture(params=BACKENDS)
def engine(request, engines):
    """An engine of each real backend, which many tests share."""
    if request.param not in engines:
        engines[request.param] = Engine(backend=make_backend(request.param, request))
    return engines[request.param]
