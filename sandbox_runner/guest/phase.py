"""The current phase of an environment in its supervisor: an order of the host that is not finished."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Init, Invoke, Reset, Shutdown


@dataclass(slots=True)
class Phase:
    """The current phase. ``reported`` is what the runtime posted to ``/init/error``.

    ``runtime_done``: the runtime asked for its next event, and what goes on is the extensions'.
    """

    order: Init | Invoke | Reset | Shutdown
    started_us: int
    reported: tuple[str, bytes] | None = None
    runtime_done: bool = False

    @property
    def request_id(self) -> str:
        """The invocation's id, empty for other phases."""
        return self.order.request_id if isinstance(self.order, Invoke) else ""
