"""An environment's part of the event log, and its way to extensions that subscribed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.environment.extensions import seen
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import (
    EnvironmentResetDone,
    EnvironmentThawed,
    PlatformInitReport,
    PlatformLogsDropped,
    PlatformLogsSubscription,
    PlatformTelemetrySubscription,
)
from sandbox_runner.guest import wire
from sandbox_runner.rules.telemetry import Subscriber, lines
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from sandbox_runner.environment.guest_link import GuestLink
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.events.records import Event, Record

_NAME_MAX: Final = 255
_SUBSCRIBERS_MAX: Final = 10
_RECORDS: Final[dict[str, type[PlatformTelemetrySubscription | PlatformLogsSubscription]]] = {
    "telemetry": PlatformTelemetrySubscription,
    "logs": PlatformLogsSubscription,
}
_TYPES: Final = ("platform", "function", "extension")
# aws/aws-lambda-runtime-interface-emulator,
# internal/lambda-managed-instances/aws-lambda-rie/internal/telemetry/internal/subscriber.go
_TOO_SLOW: Final = "Some logs were dropped because the downstream consumer is slower than the logs production rate"


class EnvironmentLog:
    """Appends to the event log what happens in the environment ``name``.

    Who subscribes gets everything since its init began, or since the processes before were ended; later records follow
    with the next message to the guest, so that they are told before what they led to.

    :param json_format: whether the function's log format is JSON.
    """

    def __init__(self, log: EventLog, name: str, link: GuestLink, *, json_format: bool = False) -> None:
        self._log, self._name, self._link = log, name, link
        self._json_format = json_format
        self._subscribers: dict[str, Subscriber] = {}
        self._unsent: dict[str, list[str]] = {}
        # What somebody who subscribes now would get; nobody can after an init has succeeded.
        self._since: list[Event] | None = []
        link.outbox = self._taken

    def append(self, record: Record, *, request_id: str | None = None, guest_us: int | None = None) -> None:
        """Append it.

        :param guest_us: when it happened by the guest's clock, now by default.
        """
        at_us = None if guest_us is None else self._link.host_us(guest_us)
        event = self._log.append(record, environment=self._name, request_id=request_id, monotonic_us=at_us)
        for subscriber in self._subscribers.values():
            self._tell(subscriber, event)
        if self._since is not None:
            self._since.append(event)
            if isinstance(record, PlatformInitReport) and record.status == "success":
                self._since = None
        if isinstance(record, EnvironmentResetDone):
            self._subscribers.clear()
            self._unsent.clear()
            self._since = []

    def observe(self, message: wire.GuestMessage, request_id: str | None) -> bool:
        """Append what this message tells, if it is one that tells something at any moment.

        :raises ProtocolViolation: it tells of what there cannot be.
        """
        match message:
            case wire.ExtensionSeen():
                self.append(seen(message), request_id=request_id, guest_us=message.at_us)
            case wire.Thawed():
                thawed = EnvironmentThawed(processes=message.processes)
                self.append(thawed, request_id=request_id, guest_us=message.at_us)
            case wire.Subscribed():
                self._subscribe(message, request_id)
            case wire.TelemetryDropped():
                self._drop(message, request_id)
            case _:
                return False
        return True

    def _subscribe(self, message: wire.Subscribed, request_id: str | None) -> None:
        types = tuple(each for each in _TYPES if each in message.types.split(","))
        kind = _RECORDS.get(message.api)
        name = well_formed(message.extension)[:_NAME_MAX]
        if kind is None or not types or len(self._subscribers) >= _SUBSCRIBERS_MAX:
            raise ProtocolViolation("the guest told of a subscription that there cannot be")
        subscriber = Subscriber(name, message.api, message.schema, types, self._json_format)
        for event in self._since or ():
            self._tell(subscriber, event)
        self._subscribers[name] = subscriber
        self.append(kind(name=name, state="Subscribed", types=types), request_id=request_id, guest_us=message.at_us)

    def _drop(self, message: wire.TelemetryDropped, request_id: str | None) -> None:
        lost = PlatformLogsDropped(
            dropped_bytes=max(0, message.bytes), dropped_records=max(0, message.records), reason=_TOO_SLOW
        )
        self.append(lost, request_id=request_id, guest_us=message.at_us)

    def _tell(self, subscriber: Subscriber, event: Event) -> None:
        told = lines(event.record, subscriber, self._log.epoch_us(event))
        self._unsent.setdefault(subscriber.name, []).extend(told)

    def _taken(self) -> list[wire.HostMessage]:
        unsent, self._unsent = self._unsent, {}
        return [
            wire.Telemetry(name, "\n".join(told).encode("utf-8", "surrogatepass"))
            for name, told in unsent.items()
            if told
        ]
