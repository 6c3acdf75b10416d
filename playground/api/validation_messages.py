"""Messages for invalid fields of bodies and addresses, each with the cure. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.scenario.validation_messages import field_name
from sandbox_runner.scenario.yaml_reader import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}


def sentence_for(error: Mapping[str, Any]) -> tuple[str, str]:
    """The dotted field of a pydantic error, and the message.

    The location starts with where the field was sent; in a body, our own argument name follows, which the caller never
    wrote.
    """
    source, *path = error["loc"]
    field = field_name(tuple(path[1:] if source == "body" else path))
    words: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] in _KINDS:
        return field, f"{field or 'The body'} must be {_KINDS[error['type']]}."
    say = _SENTENCES.get(error["type"])
    sentence = say(field, words) if say else f"{field or 'The body'}: {shown(error['msg'], 300)}."
    return words.get("field", field), sentence


def _extra(field: str, words: Mapping[str, Any]) -> str:  # noqa: ARG001 - the table's signature
    return f"Unknown field {field}."


_SENTENCES: Final[dict[str, Callable[[str, Mapping[str, Any]], str]]] = {
    "missing": lambda field, _: f"{field} is missing." if field else "The body is missing; send a JSON object.",
    "extra_forbidden": _extra,
    "nul": lambda field, _: f"{field} has a NUL character in it; take it out.",
    "said": lambda _, words: str(words["sentence"]),
    "string_too_long": lambda field, words: f"{field} is too long; it may have {words['max_length']:,} characters.",
    "string_too_short": lambda field, words: f"{field} is empty; write at least {words['min_length']} character.",
    "too_long": lambda field, words: f"{field} has too many entries; there may be {words['max_length']}.",
    "greater_than_equal": lambda field, words: f"{field} is too small; it starts at {words['ge']:,}.",
    "less_than_equal": lambda field, words: f"{field} is too large; it ends at {words['le']:,}.",
    "literal_error": lambda field, words: f"{field} must be {words['expected']}.",
    "string_pattern_mismatch": lambda field, _: f"{field} is none of the form that is taken here.",
}
