"""The user's files as syntax: their constants, and where a name is declared, written and read. Pure, never runs them.

Every language has a table of the kinds of syntax node, because what is asked is the same: a name of the module, and
whether a line gives it a value, changes what it holds, or only looks at it. Trees are walked without recursion and
only so far; code that does not parse gives what could be parsed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tree_sitter import Node, Parser

from sandbox_runner.runtimes.model import source as text
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.runtimes.model import Grammar

NODES_MAX: Final = 200_000
_DEPTH_MAX: Final = 200

Role: TypeAlias = Literal["declared", "written", "read"]


# Methods of built-in containers that change them.
_CHANGING: Final = frozenset(
    (
        "append",
        "appendleft",
        "add",
        "update",
        "setdefault",
        "insert",
        "extend",
        "extendleft",
        "put",
        "put_nowait",
        "set",
    )
) | frozenset(
    ("write", "push", "unshift", "splice", "fill", "copyWithin", "pop", "popitem", "clear", "remove", "delete")
)

_FIELDS: Final = ("field_definition", "public_field_definition")


def grammar_of(path: str) -> Grammar | None:
    """The grammar for a file of that name."""
    language = language_of_file(path)
    return language.grammar_of(path) if language else None


@lru_cache(maxsize=64)
def nodes(path: str, text: str) -> tuple[Node, ...]:
    """Every named node of a file in the order of the text, up to :data:`NODES_MAX`; none for an unknown language."""
    grammar = grammar_of(path)
    if grammar is None:
        return ()
    root = Parser(grammar.language).parse(text.encode("utf-8", "surrogatepass")).root_node
    return tuple(_walk(root))


def _walk(root: Node) -> Iterator[Node]:
    waiting, count = [root], 0
    while waiting and count < NODES_MAX:
        node = waiting.pop()
        count += 1
        yield node
        waiting.extend(reversed(node.named_children))


def line(node: Node) -> int:
    """The 1-based line on which a node begins."""
    return node.start_point[0] + 1


def constants(path: str, source: str) -> Iterator[str]:
    """The texts and numbers that stand in the code; documentation and comments do not count."""
    grammar = grammar_of(path)
    for node in nodes(path, source) if grammar else ():
        if grammar and (node.type in grammar.number or (node.type in grammar.text and not _is_documentation(node))):
            yield text(node)


def _is_documentation(node: Node) -> bool:
    holder = node.parent.parent if node.parent else None
    return holder is not None and holder.type == "expression_statement"


def uses(path: str, source: str, name: str) -> Iterator[tuple[int, Role]]:
    """``(line, role)`` of every use of the module's ``name``; a function's own variable of that name is another."""
    grammar = grammar_of(path)
    if grammar is None:
        return
    found = nodes(path, source)
    shadowing = _Shadows(grammar, name, found)
    for node in found:
        if node.type in grammar.name and text(node) == name and not _is_member_name(node) and not shadowing.hides(node):
            role = _role(grammar, node)
            # A type's name says nothing of what is held, but a class has one.
            if node.type != "type_identifier" or role == "declared":
                yield line(node), role


def attribute_uses(path: str, source: str, name: str) -> Iterator[tuple[int, Role]]:
    """``(line, role)`` of every use of ``.name``, whatever it is an attribute of."""
    grammar = grammar_of(path)
    for node in nodes(path, source) if grammar else ():
        if grammar and text(node) == name and _is_member_name(node) and node.parent is not None:
            is_field = node.parent.type in _FIELDS
            yield line(node), "declared" if is_field else _role(grammar, node.parent, deep=True)


def _is_member_name(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    named = parent.child_by_field_name("attribute") or parent.child_by_field_name("property")
    if named is not None and named.id == node.id:
        return True
    return parent.type in ("keyword_argument", "public_field_definition") and parent.child_by_field_name("name") == node


class _Shadows:
    """The functions in which a name is a variable of their own: a parameter, or assigned without saying otherwise."""

    def __init__(self, grammar: Grammar, name: str, found: tuple[Node, ...]) -> None:
        self._grammar = grammar
        declared: set[int] = set()
        own: set[int] = set()
        for node in found:
            if text(node) == name and node.type in grammar.name and (home := self._function(node)) is not None:
                self._sort(node, home, own, declared)
        self._own = own - declared

    def _sort(self, node: Node, home: Node, own: set[int], declared: set[int]) -> None:
        parent = node.parent
        kind = parent.type if parent is not None else ""
        if kind in ("global_statement", "nonlocal_statement"):
            declared.add(home.id)
        elif self._is_parameter(node, home):
            own.add(home.id)
        elif parent is not None and kind in ("assignment", "variable_declarator", "named_expression"):
            left = parent.child_by_field_name("left") or parent.child_by_field_name("name")
            if left == node:
                own.add(home.id)

    def _is_parameter(self, node: Node, home: Node) -> bool:
        at = node.parent
        while at is not None and at.id != home.id:
            if at.type in self._grammar.parameters:
                return True
            at = at.parent
        return home.type == "arrow_function" and home.child_by_field_name("parameter") == node

    def _function(self, node: Node) -> Node | None:
        at = node.parent
        if at is not None and at.type in self._grammar.declaration and at.child_by_field_name("name") == node:
            at = at.parent if at.type != "variable_declarator" else at
        while at is not None and at.type not in self._grammar.function:
            at = at.parent
        return at

    def hides(self, node: Node) -> bool:
        at: Node | None = node
        for _ in range(_DEPTH_MAX):
            at = self._function(at) if at is not None else None
            if at is None:
                return False
            if at.id in self._own:
                return True
        return True


def _role(grammar: Grammar, node: Node, *, deep: bool = False) -> Role:
    """What a use does: climbs from ``cache`` to ``cache[a].b`` and looks at what happens to that."""
    top, changing = node, False
    for _ in range(_DEPTH_MAX):
        parent = top.parent
        if parent is not None and parent.type in grammar.around:
            top = parent
            continue
        if parent is None or parent.type not in grammar.member:
            break
        inside = parent.child_by_field_name("object") or parent.child_by_field_name("value")
        if inside is None or inside.id != top.id:
            break
        method = text(parent.child_by_field_name("attribute") or parent.child_by_field_name("property"))
        top, changing = parent, method in _CHANGING
    return _role_of(grammar, top, changing=changing, is_name=top.id == node.id and not deep)


def _role_of(grammar: Grammar, top: Node, *, changing: bool, is_name: bool) -> Role:
    parent = top.parent
    if parent is None:
        return "read"
    if parent.type in grammar.declaration and parent.child_by_field_name("name") == top:
        return "declared"
    if parent.type == "field_definition" and parent.child_by_field_name("property") == top:
        return "declared"
    if _changes(grammar, parent, top, changing=changing):
        return "written"
    left = parent.child_by_field_name("left") or (
        parent.child_by_field_name("name") if parent.type == "named_expression" else None
    )
    if parent.type in grammar.assignment and left == top:
        return "declared" if is_name and _is_at_module_level(grammar, parent) else "written"
    return "read"


def _changes(grammar: Grammar, parent: Node, top: Node, *, changing: bool) -> bool:
    if parent.type == grammar.call and parent.child_by_field_name("function") == top:
        return changing
    if parent.type in grammar.update:
        return parent.type != "unary_expression" or text(parent).startswith("delete")
    return parent.type in ("pattern_list", "tuple_pattern", "array_pattern", "object_pattern")


def _is_at_module_level(grammar: Grammar, node: Node) -> bool:
    at: Node | None = node.parent
    while at is not None:
        if at.type in grammar.function:
            return False
        at = at.parent
    return True
