"""Payloads of every event template, from which the editor completes names and shows what stands under them. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.event_templates import NAMES, Caller, made

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALLER: Final = Caller("alice", 1)
_HTTP: Final = {"method": "POST", "path": "/orders/1001", "query": {"page": "1"}, "cookies": {"session": "alice"}}
_API: Final = _HTTP | {"route": "/orders/{id}", "claims": {"scope": "orders"}, "stage_variables": {"stage": "dev"}}
# A second payload where the first leaves fields out that AWS sends only for some requests.
_MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "apigateway-v1": _API,
    "apigateway-v2": _API,
    "function-url": _HTTP,
    "alb": _HTTP,
    "sqs": {"attributes": {"kind": "order"}},
    "sns": {"attributes": {"kind": "order"}},
}


@cache
def event_examples() -> dict[str, list[Any]]:
    """For each template the payloads that together have every field it can have."""
    return {name: [made({"template": name, **parts}, _CALLER) for parts in ({}, *_more(name))] for name in NAMES}


def _more(name: str) -> tuple[Mapping[str, Any], ...]:
    return (_MORE[name],) if name in _MORE else ()
