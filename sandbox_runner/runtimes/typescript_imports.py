"""Where a file of TypeScript names others, and whether it can be CommonJS. Pure; looks at syntax only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tree_sitter import Parser

from sandbox_runner.runtimes.model import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from sandbox_runner.runtimes.model import Grammar

# A hostile file has as many nodes as bytes, one in the other. Parsing takes little of that, looking at them more.
_NODES_MAX: Final = 50_000
_NAMES_MAX: Final = 2_000
_MAY_CALL: Final = re.compile(r"\b(?:import|require)\s*\(")
_CALLED: Final = ("import", "require")
_STATEMENTS: Final = ("import_statement", "export_statement")
_OF_MODULES: Final = ("await_expression", "meta_property")


@dataclass(frozen=True, slots=True)
class _Named:
    """One name of a module in the text, without its quotation marks; ``bare`` where nothing says more about it."""

    start: int
    end: int
    said: str
    bare: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was found in one file.

    :ivar needs_module: whether it has what only a module may have.
    """

    text: bytes
    named: tuple[_Named, ...]
    needs_module: bool

    def rewritten(self, write_out: Callable[[str], str], kind: str) -> str:
        """The text with every name as ``write_out`` gives it. Nothing moves to another line."""
        parts, at = [], 0
        for each in self.named:
            written = write_out(each.said)
            parts += [self.text[at : each.start], written.encode("utf-8", "surrogatepass")]
            at = each.end
            # https://nodejs.org/api/esm.html#json-modules; a bundler needs no such words.
            if kind == "esm" and each.bare and written.endswith(".json"):
                parts += [self.text[at : at + 1], b' with { type: "json" }']
                at += 1
        return b"".join([*parts, self.text[at:]]).decode("utf-8", "surrogatepass")


@lru_cache(maxsize=128)
def scan(text: str, grammar: Grammar) -> Scanned:
    """What a file names, in the order of the text."""
    written = text.encode("utf-8", "surrogatepass")
    root = _root(written, grammar)
    calls = _of_calls(root) if _MAY_CALL.search(text) else ()
    found = {each.start: each for each in (*_of_statements(root), *calls)}
    named = tuple(found[start] for start in sorted(found))[:_NAMES_MAX]
    return Scanned(written, named, _needs_module(grammar, root))


def has_decorator(text: str, grammar: Grammar) -> bool:
    """Whether anything in it is decorated."""
    return "@" in text and any(
        each.type == "decorator" for each in _walk(_root(text.encode("utf-8", "replace"), grammar))
    )


def _root(written: bytes, grammar: Grammar) -> Node:
    return Parser(grammar.language).parse(written).root_node


def _of_statements(root: Node) -> Iterator[_Named]:
    for node in root.named_children[:_NODES_MAX]:
        if node.type in _STATEMENTS:
            holders = (node, *(each for each in node.named_children if each.type == "import_require_clause"))
            said = next((each for holder in holders if (each := holder.child_by_field_name("source"))), None)
            if said is not None and said.named_child_count == 1:
                says_more = any(each.type == "import_attribute" for each in node.children)
                yield _named(said.named_children[0], bare=node.type == "import_statement" and not says_more)


def _of_calls(root: Node) -> Iterator[_Named]:
    for node in _walk(root):
        if node.type == "call_expression" and source(node.child_by_field_name("function")) in _CALLED:
            arguments = node.child_by_field_name("arguments")
            first = arguments.named_child(0) if arguments is not None else None
            if first is not None and first.type == "string" and first.named_child_count == 1:
                yield _named(first.named_children[0], bare=False)


def _named(node: Node, *, bare: bool) -> _Named:
    return _Named(node.start_byte, node.end_byte, source(node), bare)


def _needs_module(grammar: Grammar, root: Node) -> bool:
    for node in _walk(root, grammar.function):
        if node.type in _OF_MODULES or (node.type == "for_in_statement" and source(node.child(1)) == "await"):
            return True
    return False


def _walk(root: Node, closed: frozenset[str] = frozenset()) -> Iterator[Node]:
    """The nodes in the order of the text, without what is in those of the kinds ``closed``."""
    waiting, count = [root], 0
    while waiting and count < _NODES_MAX:
        node = waiting.pop()
        count += 1
        yield node
        if node.type not in closed:
            waiting.extend(reversed(node.named_children))
