"""The API object: how it parses bodies, returns errors, and documents both in OpenAPI."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from playground.accounts.scopes import Scope
from playground.api import archives, contracts, error_handlers, experiments, library, runs, sessions
from playground.api.auth import ANYBODY, PersonsToken
from playground.api.parsers import StrictParser

if TYPE_CHECKING:
    from ninja.operation import Operation

PROBLEM_TYPE: Final = "application/problem+json"
_DESCRIPTION: Final = """\
Play scenarios and read what they came to. A scenario and a result are what the command line reads and prints.
Without a token you can run code and read public or shared runs.
Every refusal is `application/problem+json` with one sentence in `detail`."""


class _Document(OpenAPISchema):
    """The OpenAPI document: errors have their own media type, and most operations need no token."""

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        """The responses with their media types."""
        told = super().responses(operation)
        for status, answer in told.items():
            content = answer.get("content", {})
            if status >= 400 and "application/json" in content:
                answer["content"] = {PROBLEM_TYPE: content["application/json"]}
            if status in (429, 503):
                answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": True}}
        return told

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """What scope a token needs; an operation that needs no token lists no scheme as an alternative."""
        schemes = super().operation_security(operation) or []
        asked = [{scheme: [_scope_of(operation)] for scheme in one} for one in schemes]
        needed = all(getattr(one, "needed", True) for one in operation.auth_callbacks)
        return asked if needed else [*asked, {}]


def _scope_of(operation: Operation) -> str:
    """The least scope that a token needs for it."""
    if "GET" in operation.methods:
        return Scope.READ.value
    asked = [one.to_write for one in operation.auth_callbacks if isinstance(one, PersonsToken)]
    return str(max(asked, key=list(Scope).index).value)


class _Door(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:  # noqa: ARG002 - the signature is ninja's
        return _document(self, path_prefix or reverse("api-root"))


@lru_cache(maxsize=4)
def _document(door: NinjaAPI, prefix: str) -> OpenAPISchema:
    """Making it takes longer than any page; it is the same for as long as the process lives. Not to be changed."""
    return _Document(door, prefix)


api: Final = _Door(
    title="Holdover", version="1", description=_DESCRIPTION, openapi_url=None, auth=ANYBODY, parser=StrictParser()
)
for kind in error_handlers.SAID:
    api.add_exception_handler(kind, error_handlers.said)
api.add_router("", runs.router)
api.add_router("", archives.router)
api.add_router("", experiments.router)
api.add_router("", library.router)
api.add_router("", sessions.router)
api.add_router("", contracts.router)
