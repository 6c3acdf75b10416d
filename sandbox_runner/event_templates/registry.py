"""Every event template by name, and the payload that a scenario's ``event`` means. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.event_templates import http, records, triggers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from sandbox_runner.event_templates.caller import Caller
    from sandbox_runner.event_templates.template import Template

TEMPLATES: Final[Mapping[str, Template]] = {
    each.name: each for each in (*http.TEMPLATES, *records.TEMPLATES, *triggers.TEMPLATES)
}
NAMES: Final = tuple(TEMPLATES)
KEY: Final = "template"


def made(event: Mapping[str, Any], caller: Caller) -> JsonValue:
    """The payload that ``event`` means for ``caller``: a template by its name, and the parts to say.

    :raises pydantic.ValidationError: a part is none of the template's, or not as it has to be.
    :raises KeyError: there is no template of that name.
    """
    template = TEMPLATES[event[KEY]]
    parts = template.parts.model_validate({key: value for key, value in event.items() if key != KEY})
    return template.payload(parts, caller)


def with_event(schema: dict[str, Any]) -> None:
    """Add ``event`` to the JSON Schema of a request; only the reader of scenarios knows it."""
    schema["properties"]["event"] = event_schema()


def event_schema() -> dict[str, Any]:
    """The JSON Schema of ``event``."""
    return {"title": "Event", "oneOf": [_schema(template) for template in TEMPLATES.values()]}


def _schema(template: Template) -> dict[str, Any]:
    # Parts are flat: JSON values are the only definition, and anything may stand there.
    schema = template.parts.model_json_schema()
    properties = {KEY: {"const": template.name}, **_without_references(schema["properties"])}
    said = {"description": f"{schema['description']}\n\n{template.source}"}
    return {**schema, **said, "properties": properties, "required": [KEY]}


def _without_references(value: Any) -> Any:
    if isinstance(value, dict):
        return {} if "$ref" in value else {key: _without_references(part) for key, part in value.items()}
    return [_without_references(part) for part in value] if isinstance(value, list) else value
