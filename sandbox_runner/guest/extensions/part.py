"""The extensions of the current processes: between their API, their processes and the supervisor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..apis.extension_states import ExtensionCall
from ..apis.extensions import EXTENSIONS_MAX, AboutFunction, ExtensionsApi
from ..apis.telemetry import TelemetryApi
from ..clock import now_us
from ..wire import ExtensionSeen
from .external import FOLDER, extension_files
from .streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..apis.extensions import Extension
    from ..function.runtime_process import RuntimeProcess
    from ..wire import Configure, GuestMessage, Invoke


class ExtensionsPart:
    """Starts the external ones, says what happened to each, and notices who ended without having been asked to.

    :param send: takes what the host is to know.
    :param on_progress: called when one registered or asked for its next event, before it gets its response.
    :ivar streams: the records of those that subscribed to some.
    :ivar failure: error type and text of the first that ended by itself.
    """

    def __init__(self, send: Callable[[GuestMessage], None], on_progress: Callable[[], None]) -> None:
        self.api = ExtensionsApi(self)
        self.streams = Streams(send)
        self.telemetry = TelemetryApi(self.api, self.streams)
        self.failure: tuple[str, str] | None = None
        self._send, self._on_progress = send, on_progress
        self._process: RuntimeProcess | None = None
        self._request_id = ""

    def launch(self, process: RuntimeProcess, function: Configure) -> bool:
        """Start the external extensions; whether all of them could be."""
        self.failure, self._process, self._request_id = None, process, ""
        process.on_freeze = self.streams.hold
        given = function.environment
        about = AboutFunction(
            given.get("AWS_LAMBDA_FUNCTION_NAME", ""),
            given.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
            function.handler,
            function.account,
        )
        self.api.renew(about)
        return all(self._launched(process, name) for name in extension_files())

    def _launched(self, process: RuntimeProcess, name: str) -> bool:
        extension = self.api.expect(name)
        try:
            if len(self.api.all) > EXTENSIONS_MAX:
                extension.error, text = "TooManyExtensions", "ErrTooManyExtensions"
            else:
                process.start_extension(name)
                self.seen(extension, "started")
                return True
        except OSError as problem:
            denied = isinstance(problem, PermissionError)
            extension.error = "PermissionDenied" if denied else "UnknownError"
            text = f"fork/exec {FOLDER / name}: {os.strerror(problem.errno or 0).lower()}"
        extension.states.take(ExtensionCall.NOT_LAUNCHED)
        self.failure = "Extension.LaunchError", text
        self.seen(extension, "not-launched", extension.error)
        return False

    def offer(self, order: Invoke) -> None:
        """Give the invocation to those that want it."""
        self._request_id = order.request_id
        for extension in self.api.offer_invocation(order.headers):
            self.seen(extension, "invoke")

    def notice_ends(self) -> bool:
        """Whether one has ended that was not asked to; call it when something ended."""
        for name, how, _ in self._process.extensions.take_ended() if self._process is not None else ():
            extension = self.api.named(name)
            if extension is not None:
                self.seen(extension, "exited", how)
                self.failure = self.failure or (self.api.fatal or "Extension.Crash", how)
        return self.failure is not None

    def failure_with(self, runtime_exit: str) -> tuple[str, str]:
        """Error type and text of a process that ended, where an extension is why; empty where none is.

        :param runtime_exit: how the runtime ended, which an extension may have reported an error before.
        """
        if self.failure is not None:
            return self.failure
        return (self.api.fatal, runtime_exit) if self.api.fatal else ("", "")

    @property
    def described(self) -> dict[str, dict[str, str]]:
        """What the log says of each at the end of an init."""
        return {
            each.name: {
                "kind": "external" if each.external else "internal",
                "state": each.state.value,
                "events": ",".join(each.events),
                "error": each.error,
            }
            for each in self.api.all
        }

    # --- the API's notifications ------------------------------------------------------------------------------

    def extension_registered(self, extension: Extension) -> None:
        """It registered."""
        self.seen(extension, "registered", ",".join(extension.events))
        self._on_progress()

    def extension_ready(self, extension: Extension) -> None:
        """It asked for its next event."""
        self.seen(extension, "ready")
        self._on_progress()

    def extension_reported(self, extension: Extension) -> None:
        """It reported an error."""
        self.seen(extension, "reported", extension.error)

    def extension_told(self, extension: Extension) -> None:
        """It was told that the environment ends."""
        self.seen(extension, "shutdown")

    def seen(self, extension: Extension, what: str, text: str = "") -> None:
        """Something happened to an extension."""
        kind = "external" if extension.external else "internal"
        self._send(ExtensionSeen(extension.name, kind, what, now_us(), text, self._request_id))
