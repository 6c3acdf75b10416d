"""Celery's Redis transport, mended in one place.

kombu counts a message as held until its acknowledgement has reached the broker, and a worker takes no more messages
than it may hold. Where the broker did not answer the acknowledgement the message was held for ever: once that had
happened as often as the worker has threads, it took nothing more until it was started again.

Seen with kombu 5.7, whose ``QoS.ack`` and ``QoS.reject`` let go of a message after the broker's answer only:
https://github.com/celery/kombu/blob/main/kombu/transport/redis.py
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kombu.transport import virtual
from kombu.transport.redis import Channel, QoS

if TYPE_CHECKING:
    from collections.abc import Iterator


class ReleasingQoS(QoS):
    """Lets go of a message in any case.

    What the broker was not told of stays among its unacknowledged messages and comes back after the visibility timeout;
    whoever gets it then finds the run claimed or over.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge it; raises what the client raises where the broker does not answer."""
        with self._released_on_error(delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # as kombu wrote it

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give it back, or drop it; raises like :meth:`ack`."""
        with self._released_on_error(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]  # as kombu wrote it

    @contextmanager
    def _released_on_error(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # as kombu wrote it
            raise


def install() -> None:
    """Let every channel of this process use it."""
    Channel.QoS = ReleasingQoS
