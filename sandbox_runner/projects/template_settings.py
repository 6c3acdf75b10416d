"""The settings of a function as templates write them, and as a scenario has them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from sandbox_runner import limits
from sandbox_runner.messages import cut, say
from sandbox_runner.projects.intrinsics import as_variable, shown
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.managed import OWN_RUNTIME
from sandbox_runner.runtimes.misspelt import meant_by, runtime_meant_by
from sandbox_runner.scenario.function_url import Cors
from sandbox_runner.scenario.reserved_variables import RESERVED_VARIABLES
from sandbox_runner.untrusted_text import visible, well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox_runner.messages import Message

_RANGES: Final = {
    "memory_mb": (limits.MEMORY_MB_MIN, limits.MEMORY_MB_MAX),
    "timeout_s": (limits.TIMEOUT_S_MIN, limits.TIMEOUT_S_MAX),
    "tmp_mb": (limits.TMP_MB_MIN, limits.TMP_MB_MAX),
}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-url-cors.html
_CORS: Final = {
    "AllowOrigins": "allow_origins",
    "AllowMethods": "allow_methods",
    "AllowHeaders": "allow_headers",
    "ExposeHeaders": "expose_headers",
    "MaxAge": "max_age_s",
    "AllowCredentials": "allow_credentials",
}
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
_VARIABLE_CHARACTERS_MAX: Final = 4096


def numbers(
    given: Mapping[str, tuple[str, Any]], resolved: Callable[[Any, str], Any], place: str, said: list[Message]
) -> dict[str, int]:
    """Whole numbers by the scenario's names; one that Lambda does not take is left out and told.

    :param given: the template's own name of each, and what it says.
    """
    found: dict[str, int] = {}
    for name, (called, written) in given.items():
        if written is None:
            continue
        before = len(said)
        value = str(resolved(written, f"{place}.{called}"))
        low, high = _RANGES[name]
        if value.isdecimal() and len(value) < 7 and low <= int(value) <= high:
            found[name] = int(value)
        else:
            # In place of what was said of its parts: none of them is used.
            said[before:] = [say("template-setting-unknown", place=_place(f"{place}.{called}"), text=shown(written))]
    return found


def variables(
    given: Mapping[str, Any], resolved: Callable[[Any, str], Any], place: str, said: list[Message]
) -> dict[str, str]:
    """Environment variables; one that Lambda does not take is left out and told."""
    found: dict[str, str] = {}
    for name, written in given.items():
        if not _VARIABLE.fullmatch(name) or name in RESERVED_VARIABLES:
            said.append(not_understood(f"{place}.{name}", written))
            continue
        value = resolved(written, f"{place}.{name}")
        if isinstance(value, dict | list):
            value = shown(value)
            said.append(say("template-value-unknown", place=_place(f"{place}.{name}"), text=value))
        text = well_formed(as_variable(value))
        if "\0" not in text and len(text) <= _VARIABLE_CHARACTERS_MAX:
            found[name] = text
        else:
            said.append(not_understood(f"{place}.{name}", written))
    return found


def url(written: Any, resolved: Callable[[Any, str], Any], place: str, said: list[Message]) -> dict[str, Any] | None:
    """The settings of a function's URL; ``None`` without any, and where Lambda takes none of them, which is told."""
    settings = resolved(written, place) if isinstance(written, dict) else None
    asked = settings.get("Cors") if isinstance(settings, dict) else None
    if not isinstance(asked, dict):
        return None
    try:
        cors = Cors.model_validate({_CORS.get(name, name): value for name, value in asked.items()})
    except ValidationError:
        said.append(not_understood(f"{place}.Cors", asked))
        return None
    return {"cors": cors.model_dump(mode="json")}


def runtime(written: Any, place: str, said: list[Message]) -> str:
    """The runtime that plays what a template asks for; empty where none does, which is told."""
    asked = "" if written is None else str(written)
    if asked in registry.IDENTIFIERS:
        return asked
    known = registry.managed(asked)
    stand_in = registry.stand_in_of(asked) if known else runtime_meant_by(asked)
    if stand_in is None:
        bootstrap = OWN_RUNTIME if known or meant_by(asked) else ""
        said.append(say("template-runtime-unknown", place=_place(place), runtime=_place(asked), bootstrap=bootstrap))
        return ""
    said.append(say("template-runtime", place=_place(place), runtime=_place(asked), used=stand_in.identifier))
    return asked if known else stand_in.identifier


def not_understood(place: str, written: Any) -> Message:
    """That something in a template was passed over."""
    return say("template-not-understood", place=_place(place), text=shown(written))


def _place(text: str) -> str:
    return cut(visible(text))
