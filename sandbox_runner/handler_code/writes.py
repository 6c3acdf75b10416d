"""Which of the lines that write to a place are those by which the data got in. Pure.

Most code writes to a place more than once: it makes it, empties it, gives it other entries. What puts in a value that
stands in the code, or another entry than the one that was found, is not where somebody's data came from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.runtimes.model import consists_of
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node

    from sandbox_runner.handler_code.syntax import Use
    from sandbox_runner.runtimes.model import Grammar

_PLAIN: Final = frozenset(
    ("string", "string_start", "string_content", "string_end", "string_fragment", "escape_sequence", "comment")
) | frozenset(("integer", "float", "number", "true", "false", "none", "null", "undefined", "unary_operator"))
_LITERALS: Final = _PLAIN | frozenset(
    ("object", "array", "pair", "property_identifier", "list", "tuple", "set", "dictionary")
)
_EITHER: Final = ("boolean_operator", "binary_expression", "parenthesized_expression")
_OBJECTS: Final = ("object", "dictionary")
_EMPTY: Final = re.compile(
    r"(?:\[\]|\{\}|\(\)|(?:list|dict|set|tuple|deque|OrderedDict|Counter|bytearray)\(\)|new [\w.]+(?:<[^()]*>)?\(\)"
    r"|(?:collections\.)?defaultdict\(\w+\)|Object\.create\(null\)|undefined)\Z"
)
_ENTRY: Final = re.compile(r"(?:\.get\()?\[?'((?:[^'\\]|\\.)*)'[\])]|\.([A-Za-z_$][\w$]*)(?![\w$(])")
_WORDS: Final = re.compile(r"[A-Za-z_$][\w$]*")
# What each thing that speaks for a line counts.
BRINGS, _IN_A_FUNCTION, _AFTER_IT_WAS_MADE, _SAME_ENTRY, _NAMES_IT = 32, 16, 2, 8, 4
# Of these the value is all that the place has afterwards.
_ASSIGNMENTS: Final = ("assignment", "assignment_expression")
# Those that leave nothing of what was there.
_PUTTING: Final = ("", "=", "??=", "||=")
_MADE: Final = re.compile(r"(?:new )?[A-Za-z_][\w.]*\(\)\Z")
_BY_KEY: Final = ("set", "setdefault", "__setitem__")
_MAKERS: Final = ("__init__", "__new__", "constructor")


def weight(path: str, use: Use, rest: str, words: Collection[str]) -> int:
    """How much speaks for a write being the one that the data came by; next to nothing for one that brings none.

    :param rest: the path from the place to the value.
    :param words: names that the data has in the code.
    """
    grammar = syntax.grammar_of(path)
    if grammar is None or use.role != "written":
        return 0
    statement, given, key = _looked_at(grammar, use.node)
    wanted = _ENTRY.match(rest)
    where = _where(grammar, statement)
    if not given or _puts_back(grammar, use.node, given):
        return 0
    if all(map(_is_of_constants, given)) or _has_a_constant_at(given[-1], rest):
        return where // _IN_A_FUNCTION + where % _IN_A_FUNCTION // _AFTER_IT_WAS_MADE
    said = set(_WORDS.findall(text(statement)))
    named = sum(_NAMES_IT for word in words if word in said)
    entry = 0
    if key is not None and wanted:
        if key != (wanted[1] or wanted[2]):
            return 1
        entry = _SAME_ENTRY
    return BRINGS + where + entry + named


def is_making(path: str, use: Use) -> bool:
    """Whether a write gives a place its first value or an empty one: the code's own, or what its maker was given."""
    grammar = syntax.grammar_of(path)
    parent = use.node.parent
    if grammar is None or parent is None or use.role != "written" or parent.type not in _ASSIGNMENTS:
        return False
    given = parent.child_by_field_name("right")
    if given is None or parent.child_by_field_name("left") != use.node:
        return False
    function = syntax.enclosing(grammar, parent)
    is_maker = function is not None and text(function.child_by_field_name("name")) in _MAKERS
    return is_maker or is_plain(given) or bool(_MADE.match(text(given)))


def is_made_without(use: Use, value: str) -> bool:
    """Whether a write gives a place its value by an assignment of nothing but constants, of which ``value`` is none."""
    parent = use.node.parent
    if parent is None or parent.child_by_field_name("left") != use.node:
        return False
    given = parent.child_by_field_name("right")
    if given is None or text(parent.child_by_field_name("operator")) not in _PUTTING:
        return False
    return _is_of_constants(given) and value not in text(given)


def _is_of_constants(node: Node) -> bool:
    """Whether a value is a constant, or an object made of nothing but constants: ``new Response("…", { … })``."""
    if not is_made_of_a_class(node):
        return is_plain(node)
    arguments = node.child_by_field_name("arguments")
    return arguments is not None and all(map(is_literal, arguments.named_children))


def is_call(path: str, use: Use) -> bool:
    """Whether a use is a call, ``tags.set("promo", code)``, and no access in the language's own syntax."""
    grammar = syntax.grammar_of(path)
    return grammar is not None and use.node.type == grammar.call


def is_made_of_a_class(value: Node) -> bool:
    """Whether it is a new object; in Python a class has a capital: https://peps.python.org/pep-0008/#class-names ."""
    named = syntax.called(value).rpartition(".")[2] if value.type == "call" else ""
    return value.type == "new_expression" or named[:1].isupper()


def _has_a_constant_at(value: Node, rest: str) -> bool:
    """Whether an object that stands in the code has nothing but a constant where the path goes on: it came later."""
    if value.type in _EITHER:
        return any(_has_a_constant_at(each, rest) for each in value.named_children)
    if value.type not in _OBJECTS:
        return False
    steps = {found[1] or found[2] for found in _ENTRY.finditer(rest)}
    pairs = [each for each in value.named_children if each.type == "pair"]
    parts = ((each.child_by_field_name("key"), each.child_by_field_name("value")) for each in pairs)
    return any(
        key is not None and part is not None and (syntax.literal(key) or text(key)) in steps and is_literal(part)
        for key, part in parts
    )


def method_of(path: str, use: Use) -> str:
    """The method that is called on what is used; empty where none is."""
    grammar = syntax.grammar_of(path)
    step = next(syntax.climbed(grammar, use.node), None) if grammar else None
    call = step.parent if step is not None else None
    if grammar is None or call is None or call.type != grammar.call or call.child_by_field_name("function") != step:
        return ""
    return syntax.called(call).rpartition(".")[2]


def is_by_computed_key(path: str, use: Use) -> bool:
    """Whether an entry is given a value whose key does not stand in the code, by an index or by ``set``."""
    grammar = syntax.grammar_of(path)
    step = next(syntax.climbed(grammar, use.node), None) if grammar else None
    if grammar is None or step is None:
        return False
    if index := step.child_by_field_name("subscript") or step.child_by_field_name("index"):
        return syntax.literal(index) is None
    call = step.parent
    if call is None or call.type != grammar.call or syntax.called(call).rpartition(".")[2] not in _BY_KEY:
        return False
    arguments = call.child_by_field_name("arguments")
    return (
        arguments is not None and bool(arguments.named_children) and syntax.literal(arguments.named_children[0]) is None
    )


def _where(grammar: Grammar, node: Node) -> int:
    function = syntax.enclosing(grammar, node)
    if function is None:
        return 0
    is_maker = text(function.child_by_field_name("name")) in _MAKERS
    return _IN_A_FUNCTION + (0 if is_maker else _AFTER_IT_WAS_MADE)


def words_of(rest: str, leaf: str) -> frozenset[str]:
    """The names of variables and fields in a path, and the last name of the leaf of a payload."""
    leaves = _WORDS.findall(leaf)
    return frozenset((*variables_in(rest), *leaves[-1:]))


def variables_in(rest: str) -> tuple[str, ...]:
    """The variables of functions that a path goes through."""
    return tuple(_inner(rest))


def _inner(rest: str) -> Iterator[str]:
    for found in re.finditer(r"\[\[closure\]\]\.([\w$]+)|__(?:closure|defaults|kwdefaults)__\['(\w+)'\]", rest):
        yield found[1] or found[2]


def _looked_at(grammar: Grammar, node: Node) -> tuple[Node, list[Node], str | None]:
    """The expression that writes, what it puts in, and the key that it puts it at where the code says which."""
    chain = [node, *syntax.climbed(grammar, node)]
    top = chain[-1]
    key = next((_key(each) for each in chain[1:2]), None)
    parent = top.parent
    if parent is None:
        return top, [], None
    if parent.type in grammar.assignment:
        right = parent.child_by_field_name("right") or parent.child_by_field_name("value")
        return parent, [right] if right is not None else [], key
    call = node if node.type == grammar.call else parent if parent.type == grammar.call else parent.parent
    if call is not None and call.type == grammar.call:
        return (call, *_of_call(grammar, call, top, key))
    return parent, [parent], key


def _of_call(grammar: Grammar, call: Node, top: Node, key: str | None) -> tuple[list[Node], str | None]:
    arguments = call.child_by_field_name("arguments")
    given = [each for each in arguments.named_children if each.id != top.id] if arguments is not None else []
    method = syntax.called(call).rpartition(".")[2]
    if method in ("set", "setdefault") and given and syntax.literal(given[0]) is not None:
        return given[1:], syntax.literal(given[0])
    is_method = top.type in grammar.member and call.child_by_field_name("function") == top
    return given, None if is_method and len([*syntax.climbed(grammar, top)]) == 0 and key == method else key


def _key(member: Node) -> str | None:
    index = member.child_by_field_name("subscript") or member.child_by_field_name("index")
    if index is not None:
        return syntax.literal(index)
    return text(member.child_by_field_name("attribute") or member.child_by_field_name("property")) or None


def is_literal(node: Node) -> bool:
    """Whether a value stands in the code as it is, with all that is in it; an argument by its name is its value."""
    value = node.child_by_field_name("value") if node.type == "keyword_argument" else node
    return value is not None and (is_plain(value) or consists_of(value, _LITERALS))


def is_plain(node: Node) -> bool:
    """Whether a value stands in the code as it is, or is empty."""
    return bool(_EMPTY.match(text(node))) or consists_of(node, _PLAIN)


def _puts_back(grammar: Grammar, node: Node, given: list[Node]) -> bool:
    """``x = before``, where ``before`` was made of ``x`` in the same function: that is what was there."""
    if len(given) != 1 or given[0].type != "identifier":
        return False
    kept, place = text(given[0]), re.escape(text([node, *syntax.climbed(grammar, node)][-1]))
    function = syntax.enclosing(grammar, node)
    return function is not None and bool(
        re.search(rf"\b{re.escape(kept)}\s*(?::[^=\n]*)?=\s*{place}\s*[;\n]", text(function))
    )
