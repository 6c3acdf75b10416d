"""From a line of a log to the calls in the user's code that can have written it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from sandbox_runner.runtimes.model import Grammar

_LOGS: Final = re.compile(
    r"(?:^|\.)(?:print|log|info|warn|warning|error|exception|critical|debug|trace)\Z|\b(?:stdout|stderr)\.write\Z"
)
# Of a text in the code that a line has to have, so that a word which every log has says nothing.
_LETTERS_MIN: Final = 4
_FILLED: Final = re.compile(r"%[sdr]|%\(\w+\)s|\{\w*\}|\\.")


def log_lines(files: Mapping[str, str], line: str) -> list[tuple[str, int]]:
    """File and number of each call that writes a log and has texts which stand in ``line`` in their order."""
    return [
        (path, syntax.line(node))
        for path, source in files.items()
        for node in _calls(path, source)
        if _fits(path, node, line)
    ]


def _calls(path: str, source: str) -> Iterator[Node]:
    grammar = syntax.grammar_of(path)
    nodes = syntax.nodes(path, source) if grammar else ()
    return (node for node in nodes if grammar and node.type == grammar.call and _LOGS.search(syntax.called(node)))


def _fits(path: str, call: Node, line: str) -> bool:
    grammar = syntax.grammar_of(path)
    parts = [part for each in _texts(grammar, call) for part in _FILLED.split(each) if part] if grammar else []
    at = 0
    for part in parts:
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return sum(map(str.isalpha, "".join(parts))) >= _LETTERS_MIN


def _texts(grammar: Grammar, call: Node) -> Iterator[str]:
    """The texts that are put out as they stand; what another call is given, or a key, may not be."""
    waiting = [each for each in [call.child_by_field_name("arguments")] if each is not None]
    while waiting:
        node = waiting.pop()
        if node.type in grammar.text:
            yield text(node)
        elif node.type not in (grammar.call, "subscript", "subscript_expression", "keyword_argument", "interpolation"):
            waiting.extend(reversed([each for each in node.named_children if each.type != "template_substitution"]))
