"""Scenarios and their parts for tests: everything has a default, a test varies what it is about."""

from __future__ import annotations

from typing import Any

from sandbox_runner.scenario.model import Scenario

COUNTER = "count = 0\n\n\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n"


def scenario(*steps: dict[str, Any], **function: Any) -> Scenario:
    """A scenario of ``steps`` (two requests of two tenants, where none are given)."""
    return Scenario.model_validate({"function": a_function(**function), "steps": list(steps) or two_tenants()})


def a_function(**varied: Any) -> dict[str, Any]:
    """A Python function that counts its requests."""
    return {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": COUNTER}, **varied}


def invoke(payload: Any = None, principal: str | None = None) -> dict[str, Any]:
    """One request."""
    return {"invoke": {"payload": payload, **({"as": principal} if principal else {})}}


def idle(seconds: float | str) -> dict[str, Any]:
    """A wait."""
    return {"idle": seconds}


def recycle() -> dict[str, Any]:
    """The end of every environment."""
    return {"recycle": "all"}


def two_tenants() -> list[dict[str, Any]]:
    """One request of tenant-a, then one of tenant-b."""
    return [invoke({"message": "from-tenant-a"}, "tenant-a"), invoke({"message": "from-tenant-b"}, "tenant-b")]
