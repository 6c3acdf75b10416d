"""Who a visitor's request is made for: by a rule that whoever holds the session chooses. Pure.

A name that a client gives in ``X-Holdover-Caller`` comes before any rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import parse_qs

from sandbox_runner.untrusted_text import visible

if TYPE_CHECKING:
    from sandbox_runner.live.http import HttpRequest

By: TypeAlias = Literal["request", "header", "query", "token", "connection"]
NAMED: Final = frozenset({"header", "query"})
_ALL: Final[dict[str, By]] = {each: each for each in ("request", "header", "query", "token", "connection")}
NAME_CHARACTERS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class CallersBy:
    """What tells callers apart: each request is its own, or a header or query parameter ``name``, the bearer token, the
    connection.
    """

    by: By = "request"
    name: str = ""

    def __str__(self) -> str:
        return f"{self.by}:{self.name}" if self.name else self.by

    @classmethod
    def of_text(cls, written: str) -> CallersBy | None:
        """The rule that ``str`` wrote; None if it is none."""
        kind, _, name = written.partition(":")
        by = _ALL.get(kind)
        if by is None or bool(name) != (by in NAMED) or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
            return None
        return cls(by, name.lower() if by == "header" else name)


@dataclass(slots=True)
class Callers:
    """Those of one session. Tokens and connections have no name that may be shown: they are numbered."""

    rule: CallersBy = field(default_factory=CallersBy)
    _numbers: dict[tuple[By, str], int] = field(default_factory=dict)

    def caller_of(self, request: HttpRequest) -> str:
        """Whom the request is made for; empty where the rule does not say."""
        match self.rule.by:
            case "header":
                return _shown(request.header(self.rule.name))
            case "query":
                return _shown(parse_qs(request.query).get(self.rule.name, [""])[0])
            case "token":
                scheme, _, token = request.header("authorization").strip().partition(" ")
                return self._numbered("token", token.strip()) if scheme.lower() == "bearer" else ""
            case "connection":
                return self._numbered("connection", request.connection)
            case _:
                return ""

    def _numbered(self, by: By, known: str) -> str:
        if not known:
            return ""
        number = self._numbers.setdefault((by, known), 1 + sum(kind == by for kind, _ in self._numbers))
        return f"{by} {number}"


def _shown(written: str) -> str:
    return visible(written.strip())[:NAME_CHARACTERS_MAX]
