"""What a report calls a request. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox_runner.messages import Who


def who(index: int, principal: str) -> Who:
    """Request ``index``; a principal that was made up is left out."""
    own = principal == f"request-{index}"
    return {"request": index, "as": "" if own else principal, "repeated": False}
