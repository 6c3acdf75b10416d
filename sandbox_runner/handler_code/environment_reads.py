"""Which environment variables a function's code reads, and what one that nobody set could be for a try. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.handler_code import syntax
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

VARIABLES_MAX: Final = 20
"""The most variables that are set at once for a try."""
_CHARACTERS_MAX: Final = 200_000
_STATEMENT_LINES_MAX: Final = 30
_STATEMENTS: Final = ("statement", "declaration", "definition", "assignment")
# https://www.serverless.com/framework/docs/guides/variables
_ELSEWHERE: Final = re.compile(r"\$\{[^}]*\}")
_WORD: Final = re.compile(r"\w+")
# How a library calls the variable that it misses: by its name in capitals.
_NAMED: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_SAYS_SO: Final = re.compile(r"\benv(?:ironment)?\b", re.IGNORECASE)
# What a value has to look like so that code that loads can make something of it, by the ending of its name.
_LOOKS: Final = (
    (r"MONGO(?:DB|OSE)?(?:_?(?:DB|URL|URI|STRING|CONNECTION|HOST))*", "mongodb://example.com/example"),
    (r"(?:URL|URI|ENDPOINT|ORIGIN|WEBHOOK)", "https://example.com"),
    (r"(?:HOST|HOSTNAME|DOMAIN)", "example.com"),
    (r"(?:PORT|SIZE|COUNT|LIMIT|MAX|MIN|TIMEOUT|SECONDS|MINUTES|HOURS|DAYS|TTL|RETRIES|MS)", "1"),
    (r"ARN", f"arn:aws:sns:{REGION}:{ACCOUNT}:example"),
    (r"REGION", REGION),
    (r"(?:ENABLED|DISABLED|DEBUG|DRY_?RUN)", "false"),
    (r"(?:JSON|CONFIG|MAP)", "{}"),
)


@dataclass(frozen=True, slots=True)
class Read:
    """A place of the code that reads a variable, whose line counts from 1.

    :ivar fails: whether reading it raises where it is not set.
    """

    name: str
    line: int
    fails: bool


def reads(path: str, text: str) -> Iterator[Read]:
    """Every place of a file that reads a variable and has nothing to go on with where it is not set."""
    language = language_of_file(path)
    for found in re.finditer(language.variables.read, text[:_CHARACTERS_MAX]) if language else ():
        if not found["instead"]:
            yield Read(found["name"], text.count("\n", 0, found.start()) + 1, bool(found.groupdict().get("fails")))


def missed_in(said: str, files: Mapping[str, str], known: Collection[str]) -> str:
    """The variable that a message names: one that the code reads, or any where it speaks of the environment."""
    words = _WORD.findall(said)
    own = (each.name for path, text in files.items() for each in reads(path, text))
    libraries = _NAMED.findall(said) if _SAYS_SO.search(said) else []
    found = (name for name in (*own, *libraries) if name in words and name not in known)
    return next(found, "")


def read_at(path: str, text: str, line: int, known: Collection[str]) -> str:
    """The first variable that is not set, of those that the statement at ``line`` makes something of."""
    language = language_of_file(path)
    missing = [each for each in reads(path, text) if each.name not in known]
    if language is None or not missing:
        return ""
    first, last = _statement(path, text, line)
    if here := next((each.name for each in missing if first <= each.line <= last), ""):
        return here
    lines = text.split("\n")
    used = set(_WORD.findall("\n".join(lines[first - 1 : last])))
    given = (
        (re.match(language.variables.given, lines[each.line - 1]), each.name) for each in missing if each.line < first
    )
    return next((name for found, name in given if found and found["name"] in used), "")


def _statement(path: str, text: str, line: int) -> tuple[int, int]:
    """The lines of the smallest statement at ``line``."""
    found = [
        (node.end_point[0] - node.start_point[0], node.start_point[0] + 1, node.end_point[0] + 1)
        for node in syntax.nodes(path, text)
        if node.type.endswith(_STATEMENTS) and node.start_point[0] < line <= node.end_point[0] + 1
    ]
    length, first, last = min(found, default=(_STATEMENT_LINES_MAX, line, line))
    return (first, last) if length < _STATEMENT_LINES_MAX else (line, line)


def needed(files: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    """The variables that are not set and whose reading fails, in the order of the code."""
    found = (each for path, text in files.items() for each in reads(path, text))
    return tuple(dict.fromkeys(each.name for each in found if each.fails and each.name not in known))


def said(environment: Mapping[str, str]) -> Iterator[str]:
    """The variables that have a value of their own: not one that a template takes from elsewhere, ``${env:DB}``."""
    return (name for name, value in environment.items() if not _ELSEWHERE.search(value))


def unsaid(files: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The first variable that the code reads of those that have none; empty where it reads none of them."""
    waiting = environment.keys() - {*said(environment)}
    return next((each.name for path, text in files.items() for each in reads(path, text) if each.name in waiting), "")


def example_of(name: str) -> str:
    """A value for a try, by the variable's name."""
    looks = (value for pattern, value in _LOOKS if re.search(rf"(?:^|_){pattern}\Z", name.upper()))
    return next(looks, name.lower().replace("_", "-"))
