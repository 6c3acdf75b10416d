"""The phase of an environment that its supervisor keeps: what the host has ordered and is not over."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Init, Invoke, Shutdown


@dataclass(slots=True)
class Phase:
    """What is under way. ``reported`` is what the runtime posted to ``/init/error``."""

    order: Init | Invoke | Shutdown
    started_us: int
    reported: tuple[str, bytes] | None = None

    @property
    def request_id(self) -> str:
        """The invocation's, empty for any other phase."""
        return self.order.request_id if isinstance(self.order, Invoke) else ""
