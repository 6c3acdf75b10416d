"""The Extensions API, version 2020-01-01, at the address of the Runtime API.

Every process of the function can reach it: an extension is whoever registers under its name. An *external* one is a
file of ``/opt/extensions`` and registers under the file's name; any other name is that of an *internal* one, which runs
in the runtime's processes and may register until the runtime asks for its first event.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html and
aws/aws-lambda-runtime-interface-emulator, internal/lambda/rapi/handler/agent*.go, internal/lambda/rapi/middleware/ and
internal/lambda/core/registrations.go.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from . import http_replies as replies
from .extension_states import ExtensionCall, ExtensionState, ExtensionStates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .http_requests import Request

PREFIX: Final = b"/2020-01-01/"
INVOKE: Final = "INVOKE"
SHUTDOWN: Final = "SHUTDOWN"
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html: "up to 10 extensions".
EXTENSIONS_MAX: Final = 10

_REGISTER: Final = b"extension/register"
_NEXT: Final = b"extension/event/next"
_ERRORS: Final = {
    b"extension/init/error": ExtensionCall.INIT_ERROR,
    b"extension/exit/error": ExtensionCall.EXIT_ERROR,
}
_FATAL: Final = {
    ExtensionCall.INIT_ERROR: "Extension.InitError",
    ExtensionCall.EXIT_ERROR: "Extension.ExitError",
}
# Ours: a name is part of every record about its extension; that of a file has at most 255 bytes.
_NAME_BYTES_MAX: Final = 255
_QUOTED_MAX: Final = 256


class Reply(Protocol):
    """A connection that waits for an event."""

    def reply_late(self, reply: bytes) -> None:
        """Send the response."""


@dataclass(frozen=True, slots=True)
class AboutFunction:
    """What an extension is told when it registers."""

    name: str
    version: str
    handler: str
    account: str


@dataclass(slots=True, eq=False)
class Extension:
    """One extension of the current processes. ``error`` is what it said of its end, or why it was not launched.

    ``waits`` is where it waits for an event, ``last`` the event that the environment ends, while it has not got it.
    """

    name: str
    external: bool
    identifier: str
    events: list[str] = field(default_factory=list)
    states: ExtensionStates = field(default_factory=ExtensionStates)
    error: str = ""
    waits: Reply | None = None
    last: bytes = b""

    @property
    def state(self) -> ExtensionState:
        """Its state."""
        return self.states.state


class ExtensionListener(Protocol):
    """Receives the API's notifications, in order, before the extension gets its response."""

    def extension_registered(self, extension: Extension) -> None:
        """It registered."""

    def extension_ready(self, extension: Extension) -> None:
        """It asked for its next event."""

    def extension_reported(self, extension: Extension) -> None:
        """It reported an error of its init, or why it ends."""

    def extension_told(self, extension: Extension) -> None:
        """It was given the event that the environment ends."""


class ExtensionsApi:
    """Handles requests by the table; :meth:`renew` prepares for new processes.

    :ivar fatal: the error type of the first error that an extension reported; it stands for what happens after it.
    """

    def __init__(self, listener: ExtensionListener) -> None:
        self._listener = listener
        self._function = AboutFunction("", "", "", "")
        self._extensions: dict[str, Extension] = {}
        self._open = True
        self.fatal = ""

    def renew(self, function: AboutFunction | None = None) -> None:
        """Forget every extension."""
        self._function = function or self._function
        self._extensions.clear()
        self._open, self.fatal = True, ""

    def expect(self, name: str) -> Extension:
        """There is an external extension of this name; it has not registered."""
        extension = self._extensions[name] = Extension(name, external=True, identifier=_new_identifier())
        return extension

    def close_registration(self) -> None:
        """From here on nobody registers any more."""
        self._open = False

    @property
    def all(self) -> tuple[Extension, ...]:
        """Every extension: the external ones, then the internal ones that registered."""
        return tuple(self._extensions.values())

    @property
    def all_registered(self) -> bool:
        """Whether no external extension is still to register."""
        return all(each.state is not ExtensionState.STARTED for each in self._extensions.values())

    @property
    def all_ready(self) -> bool:
        """Whether each asked for its next event."""
        return all(each.state is ExtensionState.READY for each in self._extensions.values())

    @property
    def all_done(self) -> bool:
        """Whether each that was to get the current invocation asked for its next event."""
        return all(each.state is ExtensionState.READY for each in self._extensions.values() if INVOKE in each.events)

    def named(self, name: str) -> Extension | None:
        """The extension of that name."""
        return self._extensions.get(name)

    # --- events -----------------------------------------------------------------------------------------------

    def offer_invocation(self, headers: Mapping[str, str]) -> list[Extension]:
        """Give an invocation to each that registered for it; returns them.

        :param headers: those of the Runtime API's event.
        """
        told = {
            "eventType": INVOKE,
            "deadlineMs": int(headers.get("Lambda-Runtime-Deadline-Ms", "0")),
            "requestId": headers.get("Lambda-Runtime-Aws-Request-Id", ""),
            "invokedFunctionArn": headers.get("Lambda-Runtime-Invoked-Function-Arn", ""),
            "tracing": {"type": "X-Amzn-Trace-Id", "value": headers.get("Lambda-Runtime-Trace-Id", "")},
        }
        given = [each for each in self._extensions.values() if INVOKE in each.events]
        return [each for each in given if self._hand_out(each, replies.extension_event(told, _new_identifier()))]

    def offer_shutdown(self, extension: Extension, deadline_ms: int, reason: str) -> None:
        """Tell it that the environment ends; if it is busy, it learns it when it asks."""
        told = {"eventType": SHUTDOWN, "deadlineMs": deadline_ms, "shutdownReason": reason}
        reply = replies.extension_event(told)
        if self._hand_out(extension, reply):
            self._listener.extension_told(extension)
        else:
            extension.last = reply

    def _hand_out(self, extension: Extension, reply: bytes) -> bool:
        if not extension.states.take(ExtensionCall.EVENT):
            return False
        waiting, extension.waits = extension.waits, None
        if waiting is not None:
            waiting.reply_late(reply)
        return True

    def forget(self, connection: Reply) -> None:
        """A connection was closed: who waited there for an event misses it."""
        for each in self._extensions.values():
            if each.waits is connection:
                each.waits = None

    # --- requests ---------------------------------------------------------------------------------------------

    def answer(self, connection: Reply, request: Request) -> bytes | None:
        """The response to a request, or ``None`` if it follows later."""
        route = request.path.removeprefix(PREFIX)
        if route == _REGISTER:
            return self._register(request) if request.method == b"POST" else replies.NOT_ALLOWED
        if route == _NEXT:
            return self._next(connection, request) if request.method == b"GET" else replies.NOT_ALLOWED
        if route in _ERRORS:
            return self._error(_ERRORS[route], request) if request.method == b"POST" else replies.NOT_ALLOWED
        return replies.NOT_FOUND

    def identified(self, request: Request, unknown: str) -> Extension | bytes:
        """The extension that a request is from, or the response if that cannot be told.

        :param unknown: what is said of an identifier that nobody has; ``{}`` stands for it.
        """
        given = request.headers.get(b"lambda-extension-identifier", b"").decode("utf-8", "replace")
        if not given:
            said = "Missing Lambda-Extension-Identifier header"
            return replies.refused("Extension.MissingExtensionIdentifier", said)
        try:
            identifier = str(uuid.UUID(given))
        except ValueError:
            return replies.refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")
        found = next((each for each in self._extensions.values() if each.identifier == identifier), None)
        return found or replies.refused("Extension.UnknownExtensionIdentifier", unknown.format(identifier))

    def _register(self, request: Request) -> bytes:
        name = request.headers.get(b"lambda-extension-name", b"")
        if not name:
            return replies.refused("Extension.InvalidExtensionName", "Empty extension name")
        if len(name) > _NAME_BYTES_MAX:
            said = f"Extension name is longer than {_NAME_BYTES_MAX} bytes"
            return replies.refused("Extension.InvalidExtensionName", said)
        try:
            events = _events(request.body)
        except ValueError as problem:
            return replies.refused("InvalidRequestFormat", str(problem)[:_QUOTED_MAX])
        extension = self._registering(name.decode("utf-8", "replace"), events)
        if isinstance(extension, bytes):
            return extension
        extension.events = list(dict.fromkeys(events))
        self._listener.extension_registered(extension)
        features = request.headers.get(b"lambda-extension-accept-feature", b"").split(b",")
        account = {"accountId": self._function.account} if b"accountId" in map(bytes.strip, features) else {}
        about = {"functionName": self._function.name, "functionVersion": self._function.version}
        return replies.registered(account | about | {"handler": self._function.handler}, extension.identifier)

    def _registering(self, name: str, events: list[str]) -> Extension | bytes:
        """The extension that may register so, or the response if none may."""
        known = self._extensions.get(name)
        external = known is not None and known.external
        for event in events:
            if problem := _event_problem(event, external=external):
                return replies.refused("Extension.InvalidEventType", f"{event[:_QUOTED_MAX]}: {problem}")
        if known is None or not external:
            if not self._open:
                return replies.refused("Extension.RegistrationClosed", "Extension registration closed already")
            if len(self._extensions) >= EXTENSIONS_MAX:
                return replies.refused("Extension.TooManyExtensions", f"Extension limit ({EXTENSIONS_MAX}) reached")
            if known is not None:
                return replies.refused("Extension.InvalidExtensionState", "Extension with this name already registered")
            known = self._extensions[name] = Extension(name, external=False, identifier=_new_identifier())
        if not known.states.take(ExtensionCall.REGISTER):
            return replies.refused(
                "Extension.InvalidExtensionState", known.states.refusal(ExtensionCall.REGISTER, known.name)
            )
        return known

    def _next(self, connection: Reply, request: Request) -> bytes | None:
        extension = self.identified(request, "Unknown extension {}")
        if isinstance(extension, bytes):
            return extension
        if not extension.states.take(ExtensionCall.NEXT):
            said = extension.states.refusal(ExtensionCall.NEXT, extension.identifier)
            return replies.refused("Extension.InvalidExtensionState", said)
        if extension.last:
            reply, extension.last = extension.last, b""
            extension.states.take(ExtensionCall.EVENT)
            self._listener.extension_told(extension)
            return reply
        extension.waits = connection
        self._listener.extension_ready(extension)
        return None

    def _error(self, call: ExtensionCall, request: Request) -> bytes:
        header = "Lambda-Extension-Function-Error-Type"
        said = request.headers.get(header.lower().encode(), b"").decode("utf-8", "replace")[:_QUOTED_MAX]
        extension = self.identified(request, "Unknown Lambda-Extension-Identifier")
        if isinstance(extension, bytes) and b"UnknownExtension" not in extension:
            return extension
        if not said:
            return replies.refused("Extension.MissingHeader", f"{header} not found")
        if isinstance(extension, bytes):
            return extension
        again = extension.state in {ExtensionState.INIT_ERROR, ExtensionState.EXIT_ERROR}
        if not extension.states.take(call):
            refusal = extension.states.refusal(call, extension.identifier)
            return replies.refused("Extension.InvalidExtensionState", refusal)
        if not again:
            extension.error = said
            self.fatal = self.fatal or _FATAL[call]
            self._listener.extension_reported(extension)
        return replies.ACCEPTED


def _new_identifier() -> str:
    return str(uuid.UUID(bytes=os.urandom(16), version=4))


def _events(body: bytes) -> list[str]:
    """The events that a request to register names.

    :raises ValueError: it does not say them.
    """
    if not body.strip():
        raise ValueError("unexpected end of JSON input")
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("invalid character in JSON input") from None
    if not isinstance(asked, dict):
        raise ValueError("json: cannot unmarshal into Go value of type handler.RegisterRequest")  # noqa: TRY004 - one error
    if asked.get("configurationKeys"):
        raise ValueError("configurationKeys are deprecated; use environment variables instead")
    events = asked.get("events") or []
    if not isinstance(events, list) or not all(isinstance(each, str) for each in events):
        raise ValueError("json: cannot unmarshal into Go struct field .events of type core.Event")
    return events


def _event_problem(event: str, *, external: bool) -> str:
    if event == INVOKE or (event == SHUTDOWN and external):
        return ""
    return "ShutdownEventNotSupportedForInternalExtension" if event == SHUTDOWN else "ErrorInvalidEventType"
