"""From a message to its sentence. Pure.

A template is a text with fields. ``{name}`` is the parameter; ``{name:one|many}`` chooses by a number,
``{name:none|one|many}`` as well, ``{name:yes|no}`` by whether there is something, and what is chosen may have fields.
``{name:=request}`` writes it in one of the forms that the catalogue has under that name, ``{name:=word}`` looks a word
up in its vocabulary of that name, ``{name:=field}`` is what a field of a scenario is called, ``{name:=plain}`` a number
without separators, ``{name:=requests}`` lists requests by their numbers, ``{name:=or}`` and ``{name:=all}`` what there
is to choose from. What a parameter says is never read as a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from sandbox_runner.messages import en, ja

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox_runner.messages.model import Message

Language: TypeAlias = Literal["en", "ja"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "en"

_Words: TypeAlias = "Mapping[str, Mapping[str, str]]"
_CATALOGUES: Final = {"en": en, "ja": ja}
_LISTED_MAX: Final = 10
NameOf: TypeAlias = "Callable[[str], str]"
_NOTHING: Final[tuple[Any, ...]] = (None, False, "", [])


@dataclass(frozen=True, slots=True)
class _Voice:
    """In which language something is said, and what the fields of a scenario are called where it is shown."""

    language: Language
    name_of: NameOf


def render(message: Message, language: Language = DEFAULT, name_of: NameOf = str) -> str:
    """The sentence of ``message``.

    :param name_of: what a field of a scenario is called, by its dotted path; as it is written unless told otherwise.
    """
    return _rendered(message.code, message.params, _Voice(language, name_of))


def render_all(messages: Iterable[Message], language: Language = DEFAULT) -> str:
    """The sentences of several messages, one after the other."""
    between: str = _CATALOGUES[language].BETWEEN_SENTENCES
    return between.join(render(each, language) for each in messages)


def word(name: str, value: str, language: Language = DEFAULT) -> str:
    """What ``value`` of the vocabulary ``name`` is called; itself where the vocabulary does not have it."""
    words: _Words = _CATALOGUES[language].WORDS
    return words[name].get(value, value)


def vocabulary(name: str) -> tuple[str, ...]:
    """The values that a vocabulary has words for."""
    return tuple(_CATALOGUES[DEFAULT].WORDS[name])


def language_of(tag: str) -> Language:
    """The language that a tag such as ``ja_JP.UTF-8`` asks for, as far as there is one."""
    asked = tag.replace("_", "-").partition("-")[0].partition(".")[0].lower()
    return next((each for each in LANGUAGES if each == asked), DEFAULT)


def _rendered(code: str, params: Mapping[str, Any], voice: _Voice) -> str:
    templates: Mapping[str, str] = _CATALOGUES[voice.language].TEMPLATES
    return "".join(_parts(templates[code], params, voice))


def _parts(template: str, params: Mapping[str, Any], voice: _Voice) -> Iterator[str]:
    for literal, name, spec, _ in Formatter().parse(template):
        yield literal
        if name is None:
            continue
        value = params[name]
        alternatives = _alternatives(spec or "")
        if len(alternatives) > 1:
            yield from _parts(_chosen(alternatives, value), params, voice)
        else:
            yield _shown(value, alternatives[0].removeprefix("="), voice, name)


def _alternatives(spec: str) -> list[str]:
    """The parts of ``spec`` between bars that stand in no field."""
    found, depth = [""], 0
    for character in spec:
        depth += (character == "{") - (character == "}")
        if character == "|" and not depth:
            found.append("")
        else:
            found[-1] += character
    return found


def _chosen(alternatives: Sequence[str], value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        few = [*alternatives] if len(alternatives) > 2 else [alternatives[1], *alternatives]
        return few[max(0, min(value, 2))]
    is_something = bool(value["request"]) if isinstance(value, dict) and "request" in value else value not in _NOTHING
    return alternatives[0] if is_something else alternatives[1]


def _shown(value: Any, form: str, voice: _Voice, name: str) -> str:
    if form.startswith("word"):
        return word(name + form.removeprefix("word"), value, voice.language)
    if form == "field":
        return voice.name_of(value)
    if isinstance(value, list):
        return _listed(value, form, voice)
    if isinstance(value, dict):
        return _inner(value, form, voice)
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and form != "plain" else str(value)


def _listed(values: Sequence[Any], form: str, voice: _Voice) -> str:
    catalogue = _CATALOGUES[voice.language]
    one, several = catalogue.REQUESTS
    most = _LISTED_MAX if form in ("", "requests") else len(values)
    shown = [_shown(each, "plain", voice, "") for each in values[:most]]
    if form == "or" and len(shown) > 1:
        shown = [*shown[:-2], catalogue.BEFORE_LAST_CHOICE.join(shown[-2:])]
    are_messages = any(isinstance(each, dict) for each in values)
    between: str = catalogue.BETWEEN_MESSAGES if are_messages else catalogue.BETWEEN_ITEMS
    listed = between.join(shown) + (" …" if len(values) > most else "")
    template: str = several if len(values) > 1 else one
    return template.replace("{all}", listed) if form == "requests" else listed


def _inner(value: Mapping[str, Any], form: str, voice: _Voice) -> str:
    """A message in a message, or a request under its name."""
    if "code" in value:
        return _rendered(value["code"], value["params"], voice)
    return "".join(_parts(_who(value, form, voice), value, voice))


def _who(who: Mapping[str, Any], form: str, voice: _Voice) -> str:
    forms: _Words = _CATALOGUES[voice.language].WHO
    if not who["request"]:
        called = "module"
    elif not who["as"]:
        called = "request"
    else:
        called = "repeated" if who["repeated"] else "named"
    return forms[form if form in forms else "name"][called]
