"""The host's end of a conversation: clocks of two kernels, and patience that ends."""

import asyncio
from dataclasses import replace

import pytest

from sandbox_runner.environment import guest_link
from sandbox_runner.environment.guest_link import GuestLink
from sandbox_runner.errors import SandboxLost
from sandbox_runner.guest import wire
from tests.fakes.backend import FakeBackend


def link(**hello):
    backend = FakeBackend()
    sandbox = asyncio.run(backend.start(None))
    sandbox.hello = replace(sandbox.hello, **hello)
    return GuestLink(sandbox, backend.clock), backend.clock


def test_on_a_shared_kernel_readings_are_taken_as_they_are():
    there, _ = link()
    assert there.host_us(123) == 123


def test_on_another_kernel_readings_are_shifted_by_the_first_difference():
    there, clock = link(boot_id="another")
    first = there.host_us(5_000)
    clock.advance(10)
    assert first == clock.monotonic_us() - 10_000_000
    assert there.host_us(5_300) == first + 300


def test_a_guest_that_stays_silent_is_lost(monkeypatch):
    monkeypatch.setattr(guest_link, "GRACE_S", 0.01)
    there, _ = link()
    with pytest.raises(SandboxLost, match="did not send ResetDone"):
        asyncio.run(there.receive_until(wire.ResetDone, print, within_s=0.0))
