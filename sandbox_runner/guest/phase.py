"""The current phase of an environment in its supervisor: an order of the host that is not finished."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Init, Invoke, Shutdown


@dataclass(slots=True)
class Phase:
    """The current phase. ``reported`` is what the runtime posted to ``/init/error``."""

    order: Init | Invoke | Shutdown
    started_us: int
    reported: tuple[str, bytes] | None = None

    @property
    def request_id(self) -> str:
        """The invocation's id, empty for other phases."""
        return self.order.request_id if isinstance(self.order, Invoke) else ""
