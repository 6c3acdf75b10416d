"""The user's files as syntax: their constants, and where a name is declared, written and read. Pure, never runs them.

Every language has a table of the kinds of syntax node, because what is asked is the same: a name of the module, and
whether a line gives it a value, changes what it holds, or only looks at it. Trees are walked without recursion and
only so far; code that does not parse gives what could be parsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tree_sitter import Node, Parser

from sandbox_runner.handler_code.changing import CHANGING, CHANGING_THE_FIRST, REMOVING
from sandbox_runner.runtimes.model import source as text
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_runner.runtimes.model import Grammar

NODES_MAX: Final = 200_000
_DEPTH_MAX: Final = 200

Role: TypeAlias = Literal["declared", "written", "removed", "read"]
ARGUMENTS: Final = ("arguments", "argument_list")
# What a method that is given a key does to the entry.
_BY_KEY: Final[dict[str, Role]] = {
    **dict.fromkeys(("get", "has"), "read"),
    **dict.fromkeys(("set", "setdefault"), "written"),
    **dict.fromkeys(("delete", "pop"), "removed"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """A place of the code that has to do with a name: the expression for it, and what it does."""

    node: Node
    role: Role
    line: int


_PATTERNS: Final = ("pattern_list", "tuple_pattern", "array_pattern", "object_pattern")
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


def uses(path: str, source: str, name: str) -> Iterator[Use]:
    """Every use of the module's ``name``; a function's own variable of that name is another."""
    grammar = grammar_of(path)
    if grammar is None:
        return
    found = nodes(path, source)
    shadowing = _Shadows(grammar, name, found)
    for node in found:
        if _is_name(grammar, node, name) and shadowing.owner(node) is None:
            role = _role(grammar, node)
            # A type's name says nothing of what is held, but a class has one.
            if node.type != "type_identifier" or role == "declared":
                yield Use(node, role, line(node))


def module_variables(path: str, source: str) -> Iterator[str]:
    """Every name that gets a value at the level of the module, in the order of the text."""
    grammar = grammar_of(path)
    for node in nodes(path, source) if grammar else ():
        if grammar and node.type in grammar.name and not is_member_name(node):
            holder = node.parent
            is_value = holder is not None and holder.type in (*grammar.assignment, "variable_declarator")
            if is_value and _is_at_module_level(grammar, node) and _role(grammar, node) == "declared":
                yield text(node)


def closure_uses(path: str, source: str, name: str) -> Iterator[Use]:
    """Every use of a variable ``name`` that is a function's own and that a function within it uses."""
    grammar = grammar_of(path)
    if grammar is None:
        return
    found = nodes(path, source)
    shadowing = _Shadows(grammar, name, found)
    owned = [(node, shadowing.owner(node)) for node in found if _is_name(grammar, node, name)]
    shared = {owner.id for node, owner in owned if owner is not None and shadowing.function(node) != owner}
    for node, owner in owned:
        if owner is not None and owner.id in shared:
            yield Use(node, _role_of_own(grammar, node), line(node))


def parameter_uses(path: str, source: str, function: str, name: str) -> Iterator[Use]:
    """Every use of the parameter ``name`` in a function that is called ``function``."""
    grammar = grammar_of(path)
    if grammar is None:
        return
    found = nodes(path, source)
    shadowing = _Shadows(grammar, name, found)
    for node in found:
        owner = shadowing.owner(node) if _is_name(grammar, node, name) else None
        if owner is not None and text(owner.child_by_field_name("name")) == function:
            is_default = node.parent is not None and node.parent.type in (
                "default_parameter",
                "typed_default_parameter",
            )
            yield Use(node, "declared" if is_default else _role_of_own(grammar, node), line(node))


def uses_like(path: str, source: str, name: Node) -> Iterator[Use]:
    """Every use of the variable that ``name`` is a use of, in the function that it is in, or in the module."""
    grammar = grammar_of(path)
    if grammar is None:
        return
    found = nodes(path, source)
    shadowing = _Shadows(grammar, text(name), found)
    owner, function = shadowing.owner(name), enclosing(grammar, name)
    for node in found:
        if text(node) != text(name) or is_member_name(node) or node.type not in (*grammar.name, name.type):
            continue
        within = function is None or function.start_byte <= node.start_byte < function.end_byte
        if within and shadowing.owner(node) == owner:
            yield Use(node, _role_of_own(grammar, node), line(node))


def attribute_uses(path: str, source: str, name: str) -> Iterator[Use]:
    """Every use of ``.name``, whatever it is an attribute of."""
    return (use for called, use in members(path, source) if called == name)


def entry_uses(path: str, source: str, key: str) -> Iterator[Use]:
    """Every use of ``[key]`` with the text itself, of ``.get(key)`` and ``.set(key)``."""
    return (use for called, use in entries(path, source) if called == key)


def members(path: str, source: str) -> Iterator[tuple[str, Use]]:
    """Every attribute by its name, with its use."""
    grammar = grammar_of(path)
    for node in nodes(path, source) if grammar else ():
        # ``f(name=x)`` writes to nothing.
        if grammar and is_member_name(node) and node.parent is not None and node.parent.type != "keyword_argument":
            is_field = node.parent.type in _FIELDS
            role: Role = "declared" if is_field else _role(grammar, node.parent, deep=True)
            yield text(node), Use(node.parent, role, line(node))


def entries(path: str, source: str) -> Iterator[tuple[str, Use]]:
    """Every entry that is reached by a text which stands in the code, by that text, with its use."""
    grammar = grammar_of(path)
    for node in nodes(path, source) if grammar else ():
        if not grammar or node.parent is None or not (key := literal(node)):
            continue
        holder, call = node.parent, node.parent.parent
        if holder.type in grammar.member:
            inside = holder.child_by_field_name("object") or holder.child_by_field_name("value")
            if inside is not None and inside.id != node.id:
                yield key, Use(holder, _role(grammar, holder, deep=True), line(node))
        elif holder.type in ARGUMENTS and call is not None and holder.named_children[0] == node:
            method = called(call).rpartition(".")[2]
            if method in _BY_KEY:
                yield key, Use(call, _BY_KEY[method], line(node))


def literal(node: Node) -> str | None:
    """The text of a string that stands in the code as it is; ``None`` for anything else."""
    if node.type != "string" or any(each.type == "interpolation" for each in node.named_children):
        return None
    return "".join(text(each) for each in node.named_children if each.type in ("string_content", "string_fragment"))


def is_call_of(grammar: Grammar, call: Node, function: Node) -> bool:
    """Whether a node is a call of what another names."""
    return call.type == grammar.call and call.child_by_field_name("function") == function


def called(call: Node) -> str:
    """How a call names what it calls."""
    return text(call.child_by_field_name("function"))


def _is_name(grammar: Grammar, node: Node, name: str) -> bool:
    return node.type in grammar.name and text(node) == name and not is_member_name(node)


def _role_of_own(grammar: Grammar, node: Node) -> Role:
    """The first value of a function's own variable is no declaration at the module's level."""
    role = _role(grammar, node)
    parent = node.parent
    if role == "written" and parent is not None and parent.type == "assignment":
        function = enclosing(grammar, node)
        first = next((each for each in _assigned(grammar, function, text(node))), None) if function else None
        return "declared" if first == node else role
    return role


def _assigned(grammar: Grammar, function: Node, name: str) -> Iterator[Node]:
    """Where a function gives a value to its own ``name``, unless it says that the variable is another's."""
    found = [each for each in _walk(function) if enclosing(grammar, each) == function]
    if any(each.type == "nonlocal_statement" and name in map(text, each.named_children) for each in found):
        return
    for parent in found:
        left = parent.child_by_field_name("left") if parent.type == "assignment" else None
        if left is not None and text(left) == name:
            yield left


def enclosing(grammar: Grammar, node: Node) -> Node | None:
    """The function that a node is in."""
    at = node.parent
    while at is not None and at.type not in grammar.function:
        at = at.parent
    return at


def is_member_name(node: Node) -> bool:
    """Whether it names an attribute, of whatever it is one."""
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
            if text(node) == name and node.type in grammar.name and (home := self.function(node)) is not None:
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

    def function(self, node: Node) -> Node | None:
        at = node.parent
        if at is not None and at.type in self._grammar.declaration and at.child_by_field_name("name") == node:
            at = at.parent if at.type != "variable_declarator" else at
        while at is not None and at.type not in self._grammar.function:
            at = at.parent
        return at

    def owner(self, node: Node) -> Node | None:
        """The function whose own variable it is."""
        at: Node | None = node
        for _ in range(_DEPTH_MAX):
            at = self.function(at) if at is not None else None
            if at is None or at.id in self._own:
                return at
        return at


def _role(grammar: Grammar, node: Node, *, deep: bool = False) -> Role:
    """What a use does: climbs from ``cache`` to ``cache[a].b`` and looks at what happens to that."""
    top = [node, *climbed(grammar, node)][-1]
    method = text(top.child_by_field_name("attribute") or top.child_by_field_name("property"))
    is_name = top.id == node.id and not deep
    called_on = method if top.id != node.id else ""
    return _role_of(grammar, top, called_on, is_name=is_name)


def climbed(grammar: Grammar, node: Node) -> Iterator[Node]:
    """What is reached from a use step by step: of ``cache`` in ``cache[a].b`` it is ``cache[a]``, then all of it."""
    top = node
    for _ in range(_DEPTH_MAX):
        parent = top.parent
        if parent is None:
            return
        if parent.type not in grammar.around:
            inside = parent.child_by_field_name("object") or parent.child_by_field_name("value")
            if parent.type not in grammar.member or inside is None or inside.id != top.id:
                return
        top = parent
        yield top


def _role_of(grammar: Grammar, top: Node, method: str, *, is_name: bool) -> Role:
    parent = top.parent
    if parent is None:
        return "read"
    if parent.type in grammar.declaration and parent.child_by_field_name("name") == top:
        return "declared"
    if parent.type == "field_definition" and parent.child_by_field_name("property") == top:
        return "declared"
    if changed := _changed(grammar, parent, top, method):
        return changed
    left = parent.child_by_field_name("left") or (
        parent.child_by_field_name("name") if parent.type == "named_expression" else None
    )
    if parent.type in grammar.assignment and left == top:
        return "declared" if is_name and _is_at_module_level(grammar, parent) else "written"
    return "read"


def _changed(grammar: Grammar, parent: Node, top: Node, method: str) -> Role | None:
    """What a call, a statement or a pattern does to what it names; nothing where it is none that changes anything."""
    if is_call_of(grammar, parent, top):
        return "written" if method in CHANGING else "removed" if method in REMOVING else None
    if parent.type in ARGUMENTS and parent.named_children[0] == top and parent.parent is not None:
        return "written" if called(parent.parent) in CHANGING_THE_FIRST else None
    if parent.type in grammar.update:
        is_removed = parent.type == "delete_statement" or text(parent).startswith("delete")
        return "removed" if is_removed else None if parent.type == "unary_expression" else "written"
    is_pattern = parent.type in _PATTERNS or _is_target(parent, top)
    return "written" if is_pattern and not _is_of_parameters(grammar, parent) else None


def _is_target(parent: Node, top: Node) -> bool:
    """Whether a pattern puts what it finds into a member: ``({ a: held.a = 1, b: held.b } = given)``."""
    if parent.type == "assignment_pattern":
        return parent.child_by_field_name("left") == top and top.type == "member_expression"
    return (
        parent.type == "pair_pattern" and parent.child_by_field_name("value") == top and top.type == "member_expression"
    )


def _is_of_parameters(grammar: Grammar, pattern: Node) -> bool:
    """Whether a pattern names what a function is called with, which writes to nothing that was there."""
    at = pattern.parent
    while at is not None and at.type not in grammar.function:
        if at.type in grammar.parameters:
            return True
        at = at.parent
    return False


def _is_at_module_level(grammar: Grammar, node: Node) -> bool:
    at: Node | None = node.parent
    while at is not None:
        if at.type in grammar.function:
            return False
        at = at.parent
    return True
