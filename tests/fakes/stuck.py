"""A backend whose sandboxes take an invoke and never say anything again."""

import threading

from tests.fakes.backend import FakeBackend, FakeSandbox


class Stuck(FakeSandbox):
    """Silent from its first invoke on."""

    def _on_invoke(self, message):
        self._backend.stuck.set()


class StuckBackend(FakeBackend):
    """``stuck`` is set as soon as one of its sandboxes is."""

    def __init__(self):
        super().__init__()
        self.stuck = threading.Event()

    async def start(self, spec):
        sandbox = Stuck("stuck", self)
        self.alive[sandbox.id] = sandbox
        return sandbox
