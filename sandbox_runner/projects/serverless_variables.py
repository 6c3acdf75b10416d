"""Resolves the variables of a ``serverless.yml``, as far as the file itself says them. Pure.

https://www.serverless.com/framework/docs/guides/variables. Innermost first, each at most a few times, so that
variables that name each other come to an end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.messages import cut, say
from sandbox_runner.projects.intrinsics import as_variable
from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.messages import Message

# The default stage of the framework.
_OPTIONS: Final = {"opt:stage": "dev", "opt:region": REGION}
_KNOWN: Final = {
    "sls:stage": "dev",
    "aws:region": REGION,
    "aws:accountId": ACCOUNT,
    "sls:instanceId": "holdover",
}
# What is so where the file does not say it, by serverless/serverless, lib/classes/service.js, and the guide's
# https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml.
_USUAL: Final = {"self:provider.stage": "dev", "self:provider.region": REGION}
_INNERMOST: Final = re.compile(r"\$\{([^${}]*)\}")
_PASSES_MAX: Final = 50
_TEXT_CHARACTERS_MAX: Final = 10_000
_QUOTED: Final = re.compile(r"""(['"])(.*)\1""")
_MISSING: Final = object()


@dataclass(slots=True)
class Variables:
    """Resolves values of one file; ``said`` gets a sentence for each that had to be made up."""

    data: Mapping[str, Any]
    said: list[Message] = field(default_factory=list)

    def value(self, written: Any, place: str) -> Any:
        """What ``written`` becomes; a variable that the file does not say stays as it is written, and is told."""
        if isinstance(written, dict):
            return {key: self.value(each, f"{place}.{key}") for key, each in written.items()}
        if isinstance(written, list):
            return [self.value(each, place) for each in written]
        return self._text(written, place) if isinstance(written, str) and "${" in written else written

    def _text(self, text: str, place: str) -> Any:
        kept: list[str] = []
        for _ in range(_PASSES_MAX):
            found = _INNERMOST.search(text)
            if found is None or len(text) > _TEXT_CHARACTERS_MAX:
                break
            value = self._said_of(found[1])
            if found[0] == text and value is not _MISSING and not isinstance(value, str):
                return value
            if value is _MISSING or isinstance(value, dict | list):
                # Set aside, so that the next one is found.
                kept.append(found[0])
                value = f"\0{len(kept) - 1}\0"
            text = text[: found.start()] + as_variable(value) + text[found.end() :]
        for number, each in reversed([*enumerate(kept)]):
            text = text.replace(f"\0{number}\0", each)
        if kept:
            self.said.append(say("template-value-unknown", place=cut(visible(place)), text=cut(visible(text))))
        return text

    def _said_of(self, inside: str) -> Any:
        """The first of the alternatives that is known; no option was given, so its default counts."""
        names = [alternative.strip() for alternative in inside.split(",")]
        given = (self._one(name) for name in names if not name.startswith("opt:"))
        usual = (_OPTIONS.get(name, _USUAL.get(name, _MISSING)) for name in names)
        return next((value for value in (*given, *usual) if value is not _MISSING and value is not None), _MISSING)

    def _one(self, name: str) -> Any:
        if quoted := _QUOTED.fullmatch(name):
            return quoted[2]
        if name in ("true", "false"):
            return name == "true"
        if re.fullmatch(r"\d{1,9}", name):
            return int(name)
        if name.startswith(("self:", "param:")):
            return self._below(name)
        return _KNOWN.get(name, _MISSING)

    def _below(self, name: str) -> Any:
        source, _, path = name.partition(":")
        found: Any = self.data if source == "self" else self._parameters()
        for key in path.split("."):
            found = found.get(key, _MISSING) if isinstance(found, dict) else _MISSING
        return found

    def _parameters(self) -> Any:
        parameters = self.data.get("params")
        return parameters.get("default") if isinstance(parameters, dict) else None
