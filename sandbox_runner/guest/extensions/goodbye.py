"""How processes are ended where extensions registered: everyone is told, and has time.

The runtime gets SIGTERM and 30 % of the budget, then SIGKILL. Then each external extension that registered for SHUTDOWN
is told why the environment ends, and the others are killed; what is left at the end of the budget is killed as well.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html, "Shutdown phase", and
aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapid/shutdown.go.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ..apis.extension_states import ExtensionCall
from ..apis.extensions import SHUTDOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..function.runtime_process import RuntimeProcess
    from ..wire import Reset, Shutdown
    from .part import ExtensionsPart

RUNTIME_SHARE: Final = 0.3


class Goodbye:
    """One of them. Each method returns whether it is over.

    :param wait: called with the microseconds until :meth:`time_is_up` is to be called.
    """

    def __init__(
        self,
        process: RuntimeProcess,
        extensions: ExtensionsPart,
        order: Reset | Shutdown,
        *,
        wait: Callable[[int], None],
    ) -> None:
        self._process, self._api, self._seen = process, extensions.api, extensions.seen
        self._streams = extensions.streams
        self._reason, self._budget_us = order.reason, order.budget_ms * 1000
        self._wait = wait
        self._until = time.monotonic() + order.budget_ms / 1000
        self._told = False

    def begin(self) -> bool:
        """Ask the runtime to end."""
        self._process.thaw()
        self._streams.hurry()
        if not self._process.running:
            return self._tell_extensions()
        self._wait(int(self._budget_us * RUNTIME_SHARE))
        self._process.terminate()
        return False

    def something_ended(self) -> bool:
        """A process ended."""
        for name, how, well in self._process.extensions.take_ended():
            extension = self._api.named(name)
            if extension is not None:
                extension.states.take(ExtensionCall.ENDED_WELL if well else ExtensionCall.ENDED_BADLY)
                self._seen(extension, "exited", how)
        if not self._told:
            return not self._process.running and self._tell_extensions()
        return not self._process.extensions.running

    def time_is_up(self) -> bool:
        """The runtime's share is used up, or everything is."""
        if not self._told:
            return self._tell_extensions()
        for name in self._process.extensions.running:
            extension = self._api.named(name)
            if extension is not None:
                extension.states.take(ExtensionCall.ENDED_BADLY)
                self._seen(extension, "killed")
        return True

    def _tell_extensions(self) -> bool:
        self._told = True
        self._process.kill_runtime()
        left_us = max(0, int((self._until - time.monotonic()) * 1_000_000))
        deadline_ms = time.time_ns() // 1_000_000 + left_us // 1000
        for extension in self._api.all:
            if extension.name not in self._process.extensions.running:
                continue
            if SHUTDOWN in extension.events:
                self._api.offer_shutdown(extension, deadline_ms, self._reason)
            else:
                self._process.extensions.kill(extension.name)
        self._wait(left_us)
        return not self._process.extensions.running
