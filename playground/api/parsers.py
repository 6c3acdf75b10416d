"""Parses request bodies: strict JSON, and models without unknown fields."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from ninja.parser import Parser
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from playground.archives.keeping import check_named
from playground.text.json_reader import JsonTextError, read_json
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import parse_scenario, read_scenario
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pydantic.json_schema import JsonSchemaValue

    from playground.archives.client import Client


class StrictParser(Parser):
    """Bodies as JSON that every parser reads the same way."""

    def parse_body(self, request: HttpRequest) -> Any:
        """:raises JsonTextError: it is not valid."""
        try:
            text = request.body.decode()
        except UnicodeDecodeError:
            raise JsonTextError("is not UTF-8") from None
        return read_json(text)


class Sent(BaseModel):
    """A body. ``example`` is shown in the message for a wrong shape, ``first_field`` is the field it misses."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    example: ClassVar[str] = "{…}"
    first_field: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _is_an_object_of_known_keys(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            what = f"The {cls.first_field} is missing" if cls.first_field else "The body is no object"
            raise _body_error(f"{what}; send {cls.example}.", cls.first_field)
        for key in sent:
            if key not in cls.model_fields:
                nearest = difflib.get_close_matches(key[:100], cls.model_fields, n=1, cutoff=0.5)
                cure = f"did you mean {nearest[0]}?" if nearest else f"known here are {', '.join(cls.model_fields)}."
                raise _body_error(f"The body has the unknown key {shown(key)!r}; {cure}", shown(key))
        if cls.first_field and cls.first_field not in sent:
            raise _body_error(f"The {cls.first_field} is missing; send {cls.example}.", cls.first_field)
        return sent


def _body_error(sentence: str, field: str) -> PydanticCustomError:
    return PydanticCustomError("said", "refused", {"sentence": sentence, "field": field})


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("nul", "NUL", {})
    return text


Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,22}$")]


class _ScenarioOrItsText:
    """Accepts anything, because the emulator validates scenarios. Published with the emulator's schema."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.any_schema()

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        text = {"type": "string", "description": "The scenario's YAML or JSON as one text."}
        return {"anyOf": [handler(Scenario.__pydantic_core_schema__), text]}


ScenarioOrItsText = Annotated[Any, _ScenarioOrItsText]


def scenario_of(sent: Any, client: Client) -> Scenario:
    """The scenario in a body, given as a mapping or as the text of its file.

    :raises ScenarioError: it cannot be played as written, or names a zip that ``client`` may not name.
    """
    scenario = read_scenario(sent) if isinstance(sent, str) else parse_scenario(sent)
    check_named(scenario, client)
    return scenario
