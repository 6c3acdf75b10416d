"""Entries that the code reaches by a key it works out, ``common[name]``. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax, writes
from sandbox_runner.handler_code.syntax import Use
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from sandbox_runner.runtimes.model import Grammar

_LOOPS: Final = ("for_statement", "for_in_statement", "for_of_statement")
_PARTS: Final = ("object", "dictionary", "arrow_function", "function_expression")
_FUNCTIONS: Final = ("function_declaration", "generator_function_declaration")
_OWNERS: Final = ("object", "class_body")
_LISTS: Final = ("list", "tuple", "set", "array")


def given(path: str, source: str) -> Iterator[Use]:
    """Every ``target[key] = value`` whose target is a parameter of the function that it stands in."""
    grammar = syntax.grammar_of(path)
    for target, key, use in _put(path, source):
        function = syntax.enclosing(grammar, use.node) if grammar else None
        if grammar and function is not None and target.type == "identifier" and key.type == "identifier":
            named = [each for each in function.children if each.type in grammar.parameters]
            if any(text(each) == text(target) for part in named for each in part.named_children):
                yield use


def from_the_code(path: str, source: str) -> Iterator[tuple[str, str]]:
    """What is written to by keys that stand in the code, by its last name, with each of the keys.

    ``for name in ("cookie", "accept"): common[name] = …`` gives ``common`` with both.
    """
    grammar = syntax.grammar_of(path)
    for target, key, use in _put(path, source) if grammar else ():
        named = target.child_by_field_name("attribute") or target.child_by_field_name("property") or target
        if grammar and key.type == "identifier" and (loop := _loop_over(grammar, use.node, text(key))) is not None:
            yield from ((text(named), each) for each in _texts(path, source, loop))


def parts(path: str, source: str) -> Iterator[str]:
    """The keys at which objects and classes of the code have other objects or functions: ``{ profile: { … } }``."""
    for node in syntax.nodes(path, source):
        if node.type == "pair":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            if key is not None and value is not None and (value.type in _PARTS or writes.is_made_of_a_class(value)):
                yield syntax.literal(key) or text(key)
        elif node.type == "method_definition" and node.parent is not None and node.parent.type in _OWNERS:
            yield text(node.child_by_field_name("name"))
        elif node.type == "shorthand_property_identifier" and text(node) in _functions(path, source):
            yield text(node)


@lru_cache(maxsize=64)
def _functions(path: str, source: str) -> frozenset[str]:
    """The names that functions have: their own, or that of the variable that they are the value of."""
    return frozenset(
        text(node.child_by_field_name("name"))
        for node in syntax.nodes(path, source)
        if node.type in _FUNCTIONS
        or (node.type == "variable_declarator" and (value := _value_of(node)) is not None and value.type in _PARTS)
    )


def _put(path: str, source: str) -> Iterator[tuple[Node, Node, Use]]:
    """Every assignment to an entry by a key that is no text: what has the entry, the key, and the use."""
    grammar = syntax.grammar_of(path)
    for node in syntax.nodes(path, source) if grammar else ():
        left = node.child_by_field_name("left") if grammar and node.type in grammar.assignment else None
        if left is None or left.type not in ("subscript", "subscript_expression"):
            continue
        target = left.child_by_field_name("object") or left.child_by_field_name("value")
        key = left.child_by_field_name("index") or left.child_by_field_name("subscript")
        if target is not None and key is not None and syntax.literal(key) is None and key.type != "number":
            yield target, key, Use(target, "written", syntax.line(left))


def _loop_over(grammar: Grammar, node: Node, name: str) -> Node | None:
    """What the loop goes over that gives ``name`` its values, if a loop does."""
    at = node.parent
    while at is not None and at.type not in grammar.function:
        left = at.child_by_field_name("left") if at.type in _LOOPS else None
        if left is not None and text(left) == name:
            return at.child_by_field_name("right")
        at = at.parent
    return None


def _texts(path: str, source: str, over: Node) -> Iterator[str]:
    """The texts of a list that stands in the code, or that a name of the module stands for."""
    if over.type == "identifier":
        values = (_value(use.node) for use in syntax.uses(path, source, text(over)) if use.role == "declared")
        over = next((each for each in values if each is not None), over)
    if over.type in _LISTS:
        yield from (found for each in over.named_children if (found := syntax.literal(each)) is not None)


def _value(name: Node) -> Node | None:
    return _value_of(name.parent) if name.parent is not None else None


def _value_of(assignment: Node) -> Node | None:
    return assignment.child_by_field_name("value") or assignment.child_by_field_name("right")
