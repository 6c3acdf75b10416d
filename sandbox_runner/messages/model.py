"""A message: a code of the registry with exactly its parameters. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError, model_validator
from pydantic_core import core_schema

from sandbox_runner.messages.codes import CODES, KINDS, LEGACY
from sandbox_runner.messages.parameter_types import Field, Who

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Kind", "Message", "Who", "cut", "say"]

# Longer texts of users are cut where a message is made, so that a sentence stays one.
TEXT_CHARACTERS_MAX: Final = 80


class Message(BaseModel):
    """One statement. ``code`` never changes its meaning; ``params`` are what :mod:`.codes` says for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    params: dict[str, JsonValue] = {}

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        wanted = CODES.get(self.code)
        if wanted is None:
            raise ValueError(f"there is no message with the code {self.code[:60]!r}")
        if set(self.params) != set(wanted):
            raise ValueError(f"{self.code} takes {sorted(wanted)} and got {sorted(self.params)[:20]}")
        for name, value in self.params.items():
            try:
                _adapter(self.code, name).validate_python(value, strict=True)
            except ValidationError as error:
                raise ValueError(f"{self.code}: {name} is of another type: {error.errors()[0]['msg']}") from None
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a scenario that it is about, by their dotted paths."""
        declared = CODES[self.code]
        return tuple(str(value) for name, value in self.params.items() if declared[name] == Field and value)


def say(code: str, **params: Any) -> Message:
    """The message with that code; a parameter that is a message itself may be given as one."""
    return Message(code=code, params={name: _plain(value) for name, value in params.items()})


@dataclass(frozen=True)
class Kind:
    """Of what kind a message in a model's field is: ``Annotated[Message, Kind("finding")]``. Its codes are closed."""

    name: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that such a message may have."""
        return (*KINDS[self.name], LEGACY)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Refuse a message of another kind."""
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The codes one by one."""
        return {
            "type": "object",
            "properties": {"code": {"enum": list(self.codes)}, "params": {"type": "object"}},
            "required": ["code", "params"],
            "additionalProperties": False,
        }

    def _checked(self, message: Message) -> Message:
        if message.code not in self.codes:
            raise ValueError(f"{message.code} is no message of the kind {self.name}")
        return message


def cut(text: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """A text of a user's for a sentence."""
    return text if len(text) <= characters_max else f"{text[:characters_max]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return value.model_dump(mode="json")
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def _adapter(code: str, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(CODES[code][name])
