"""Reads the OpenAPI document into rows for a page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playground.text.display_text import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playground.text.display_text import Pieces

_METHODS: Final = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, a response or the parameters. ``refers_to`` names the schema that ``kind`` is one of."""

    name: str
    kind: str
    refers_to: str
    required: bool
    description: Pieces


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What may come back."""

    status: str
    meaning: str
    media_type: str
    refers_to: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    id: str
    method: str
    path: str
    description: Pieces
    token: str
    scope: str
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[ApiResponse, ...]


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """Operations that belong together."""

    name: str
    calls: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object in requests or responses, or one variant of another."""

    name: str
    description: Pieces
    fields: tuple[Field, ...]


def sections(document: Mapping[str, Any]) -> tuple[OperationGroup, ...]:
    """Every operation, by what it is about."""
    found: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if operation := operations.get(method):
                found.setdefault(operation["tags"][0], []).append(_call(method.upper(), path, operation))
    return tuple(OperationGroup(name, tuple(calls)) for name, calls in found.items())


def shapes(document: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Every named schema."""
    named = document["components"]["schemas"]
    return tuple(Shape(name, _prose(schema), tuple(_fields(schema))) for name, schema in named.items())


def _call(method: str, path: str, operation: Mapping[str, Any]) -> Operation:
    sent = operation.get("requestBody", {}).get("content", {}).values()
    asked: list[Mapping[str, Any]] = operation.get("security", [])
    return Operation(
        id=operation["operationId"],
        method=method,
        path=path,
        description=_prose(operation),
        token="needed" if asked and {} not in asked else "optional",
        scope=next((scope for one in asked for scopes in one.values() for scope in scopes), ""),
        parameters=tuple(
            _field(one["name"], one["schema"], required=one.get("required", False)) for one in operation["parameters"]
        ),
        body=next((_name(each["schema"]) for each in sent), ""),
        answers=tuple(_answer(str(status), told) for status, told in operation["responses"].items()),
    )


def paragraphs(document: Mapping[str, Any]) -> tuple[Pieces, ...]:
    """The document's introduction."""
    return tuple(_prose({"description": line}) for line in document["info"]["description"].split("\n"))


def _prose(described: Mapping[str, Any]) -> Pieces:
    return sentence(described.get("description", "").replace("``", "`"))


def _answer(status: str, told: Mapping[str, Any]) -> ApiResponse:
    content: Mapping[str, Any] = told.get("content", {})
    media_type = next(iter(content), "")
    return ApiResponse(status, told["description"], media_type, _name(content[media_type]["schema"]) if content else "")


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        yield _field(name, inner, required=name in required)


def _field(name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    return Field(name, _kind(schema), _name(schema), required, _prose(schema))


def _name(schema: Mapping[str, Any]) -> str:
    """The name of the schema, or of the one it contains; empty without a name."""
    if reference := schema.get("$ref"):
        return str(reference).rsplit("/", 1)[-1]
    inner = [schema["items"]] if isinstance(schema.get("items"), dict) else schema.get("anyOf", [])
    return next((name for each in inner if (name := _name(each))), "")


def _kind(schema: Mapping[str, Any]) -> str:
    """A value's type, in words."""
    if reference := schema.get("$ref"):
        return str(reference).rsplit("/", 1)[-1]
    if values := schema.get("enum"):
        return " | ".join(str(each) for each in values)
    if "const" in schema:
        return str(schema["const"])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_kind(each) for each in choices))
    kind = str(schema.get("type", "any value"))
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return f"{kind}{_bounds(schema)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    if "maximum" in schema:
        return f" {schema.get('minimum', '')}…{schema['maximum']}"
    return f", up to {schema['maxLength']:,} characters" if "maxLength" in schema else ""
