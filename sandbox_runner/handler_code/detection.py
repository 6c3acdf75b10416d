"""Which language a text is written in, and which function of it is the handler. Pure; looks at syntax, runs nothing.

A text is read by the grammar of every language, and by its dialect's where its own does not understand all of it. Where
one language alone understands it, that is the text's; where none does, because code has mistakes in it, lines that are
typical of a language are counted. Comments and texts in the
code say nothing. What is no code, and what could be either, has no language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tree_sitter import Parser

from sandbox_runner.limits import CODE_CHARACTERS_MAX
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.model import Exported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from sandbox_runner.runtimes.dialect import Dialect
    from sandbox_runner.runtimes.model import Grammar, Language, Module

_NODES_MAX: Final = 100_000
# How many more lines have to look like one language than like another, where no grammar understands all.
_MARGIN: Final = 2
# https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html: event, context, callback.
_WITH_CALLBACK: Final = 3
_SILENT: Final = frozenset({"comment", "string", "template_string", "regex"})


@dataclass(frozen=True, slots=True)
class Detected:
    """What a text is.

    :ivar dialect: the name of the language that it is in and that is transformed into ``language``, or empty.
    :ivar suffixes: the endings that its file may have, the plainest first.
    :ivar handlers: what its handler may be, the likeliest first.
    :ivar exported: every name by which something in it can be called, in the order of the text.
    """

    language: Language
    dialect: str
    suffixes: tuple[str, ...]
    handlers: tuple[str, ...]
    exported: tuple[str, ...]

    @property
    def label(self) -> str:
        """The language's name for a person."""
        return self.dialect or self.language.written_in


@dataclass(frozen=True, slots=True)
class _Reading:
    language: Language
    dialect: str
    suffixes: tuple[str, ...]
    module: Module
    understood: bool
    typical: tuple[re.Match[str], ...]


def detect(text: str) -> Detected | None:
    """The language of ``text``, of which the first :data:`CODE_CHARACTERS_MAX` characters are looked at."""
    return _detect(text[:CODE_CHARACTERS_MAX])


def functions(language: Language, text: str) -> tuple[str, ...]:
    """The functions that a file of ``language`` offers to be a handler, the likeliest first."""
    return _handlers(language, _exported(_read(language, text[:CODE_CHARACTERS_MAX])))


def likeliest(language: Language, text: str) -> tuple[int, str] | None:
    """The function of a file that is its likeliest handler, with how unlikely it is; ``None`` where none is one."""
    found = _ranked(language, _exported(_read(language, text[:CODE_CHARACTERS_MAX])))
    return (found[0][0], found[0][2]) if found else None


def calls_back(language: Language, text: str, handler: str) -> bool:
    """Whether the function ``handler`` of a file has a third parameter, by which it gives its answer."""
    found = _exported(_read(language, text[:CODE_CHARACTERS_MAX]))
    return any(each.name == handler and len(each.parameters or ()) >= _WITH_CALLBACK for each in found)


def exported(language: Language, text: str) -> tuple[str, ...]:
    """Every name that a file of ``language`` offers to who imports it."""
    found = _exported(_read(language, text[:CODE_CHARACTERS_MAX]))
    return tuple(dict.fromkeys(each.name for each in found))


@lru_cache(maxsize=16)
def _detect(text: str) -> Detected | None:
    found = _best([_read(each, text) for each in registry.LANGUAGES])
    if found is None:
        return None
    exported = _exported(found)
    return Detected(
        language=found.language,
        dialect=found.dialect,
        suffixes=found.suffixes,
        handlers=_handlers(found.language, exported),
        exported=tuple(dict.fromkeys(each.name for each in exported)),
    )


def _best(readings: list[_Reading]) -> _Reading | None:
    understood = [each for each in readings if each.understood and each.module.statements]
    if len(understood) == 1:
        return understood[0]
    first, *others = sorted(readings, key=lambda each: len(each.typical), reverse=True)
    least = max((len(each.typical) * _MARGIN for each in others), default=0)
    return first if len(first.typical) > least else None


def _exported(reading: _Reading) -> tuple[Exported, ...]:
    """What the grammar found, and the names in typical lines of what it did not understand."""
    if reading.understood:
        return reading.module.exported
    names = (each["name"] for each in reading.typical if each["name"])
    return (*reading.module.exported, *(Exported(name, None) for name in names))


def _read(language: Language, text: str) -> _Reading:
    """As the language itself where its grammar understands it, else as a dialect of it that shows."""
    written = text.encode("utf-8", "replace")
    assert language.grammar is not None
    root = _tree(language.grammar, written)
    suffixes: tuple[str, ...] = ()
    dialect = language.dialect if root.has_error else None
    if dialect is not None:
        root, suffixes = _as_dialect(dialect, written) or (root, suffixes)
    said = _spoken(root, written)
    if dialect is not None and not suffixes and re.search(dialect.signs, said):
        suffixes = dialect.suffixes
    module = language.read_module(root)
    return _Reading(
        language=language,
        dialect=dialect.label if dialect is not None and suffixes else "",
        suffixes=suffixes or module.suffixes or language.suffixes,
        module=module,
        understood=not root.has_error,
        typical=tuple(re.finditer(language.typical, said, re.MULTILINE)),
    )


def _as_dialect(dialect: Dialect, written: bytes) -> tuple[Node, tuple[str, ...]] | None:
    """The tree of what a grammar of ``dialect`` understands, and the endings of its file."""
    for grammar in dict.fromkeys(dialect.grammars.values()):
        root = _tree(grammar, written)
        if not root.has_error:
            return root, tuple(suffix for suffix, each in dialect.grammars.items() if each is grammar)
    return None


def _spoken(root: Node, written: bytes) -> str:
    """The code without its comments and texts."""
    spoken = bytearray(written)
    for node in _walk(root):
        if node.type in _SILENT:
            spoken[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return spoken.decode("utf-8", "replace")


def _tree(grammar: Grammar, written: bytes) -> Node:
    return Parser(grammar.language).parse(written).root_node


def _walk(root: Node) -> Iterator[Node]:
    waiting, count = [root], 0
    while waiting and count < _NODES_MAX:
        node = waiting.pop()
        count += 1
        yield node
        if node.type not in _SILENT:
            waiting.extend(node.named_children)


def _handlers(language: Language, exported: Iterable[Exported]) -> tuple[str, ...]:
    """The names that a handler may have, by how much they look like one; helpers are left out."""
    return tuple(dict.fromkeys(name for _, _, name in _ranked(language, exported)))


def _ranked(language: Language, exported: Iterable[Exported]) -> list[tuple[int, int, str]]:
    ranked = ((_rank(language, each), at, each.name) for at, each in enumerate(exported))
    return sorted((rank, at, name) for rank, at, name in ranked if rank is not None)


def _rank(language: Language, found: Exported) -> int | None:
    """The smaller, the likelier; nothing where it is no function as far as one sees and has no handler's name."""
    usual = len(language.handler_names)
    if found.name in language.handler_names:
        return language.handler_names.index(found.name)
    parameters = found.parameters or ()
    takes_event = parameters[:1] != () and parameters[0].lstrip("_").startswith("event")
    named = found.name.lower()
    if named.endswith("handler") or ("handler" in named and (found.parameters is None or takes_event)):
        return usual
    if found.parameters is None:
        return usual + 4 if found.name == "default" else None
    if takes_event:
        return usual + 1
    # https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html: two arguments, the event and the context.
    return usual + 2 if len(found.parameters) == 2 else usual + 3
