"""Other names of a place in the code: what it is assigned to, given as, taken apart into, or wrapped in. Pure.

Followed as far as the text alone says what is meant. A shallow copy shares what is within it, and no more.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.changing import CHANGING_THE_FIRST
from sandbox_runner.runtimes.model import source as text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tree_sitter import Node

    from sandbox_runner.handler_code.syntax import Use
    from sandbox_runner.runtimes.model import Grammar

Kind = Literal["same", "copy", "wrapper"]
_NAMES_MAX: Final = 20
# What leaves a value what it is, or gives one of two.
_THROUGH: Final = ("parenthesized_expression", "await_expression", "await", "boolean_operator", "as_expression")
_CLASSES: Final = ("class_definition", "class_declaration", "abstract_class_declaration")
_OWN: Final = ("self", "this")
_MAKERS: Final = ("__init__", "constructor")
_BINDING: Final = ("assignment", "assignment_expression", "variable_declarator", "for_statement", "for_in_statement")
_SPREADS: Final = ("spread_element", "dictionary_splat", "list_splat")
_LITERALS: Final = ("object", "array", "dictionary", "list")
_COPYING_METHODS: Final = ("copy", "slice", "concat")
_COPYING: Final = ("dict", "list", "OrderedDict", "copy.copy", "Array.from", "Map", "Object.fromEntries")
# They look at what they are given, and keep nothing of it.
_LOOKING: Final = (
    frozenset(
        (
            "str",
            "repr",
            "len",
            "bool",
            "int",
            "float",
            "sorted",
            "sum",
            "min",
            "max",
            "any",
            "all",
            "print",
            "isinstance",
        )
    )
    | frozenset(
        (
            "hasattr",
            "getattr",
            "enumerate",
            "zip",
            "iter",
            "id",
            "exec",
            "eval",
            "json.dumps",
            "copy.deepcopy",
            "String",
        )
    )
    | frozenset(
        ("Number", "Boolean", "JSON.stringify", "Object.keys", "Object.values", "Object.entries", "Array.isArray")
    )
    | frozenset(("structuredClone", "console.log", "vm.runInContext"))
)
# What a function's own cache has is what it returned: https://docs.python.org/3/library/functools.html#functools.cache
_CACHE: Final = ".cache["
_GET: Final = "get"
_STEP: Final = re.compile(r"[A-Za-z_$][\w$]*|'((?:[^'\\]|\\.)*)'")


@dataclass(frozen=True, slots=True)
class Alias:
    """A use of another name: of the same value, of a shallow copy, or of an object that a library made around it."""

    path: str
    use: Use
    kind: Kind


@dataclass(slots=True)
class Followed:
    """The uses of all other names; ``escapes`` where it went somewhere that is not followed."""

    aliases: list[Alias] = field(default_factory=list)
    escapes: bool = False


def steps_in(rest: str) -> frozenset[str]:
    """Every name and key on a path."""
    return frozenset(found[1] or found[0] for found in _STEP.finditer(rest))


def followed(files: Mapping[str, str], uses: Iterable[tuple[str, Use]], rest: str) -> Followed:
    """The other names of what is used.

    :param rest: the path from there to the value; a part that is not on it is another's.
    """
    found, steps = Followed(), steps_in(rest)
    is_returned = rest.startswith(_CACHE)
    waiting: deque[tuple[str, Node, Kind]] = deque((path, use.node, "same") for path, use in uses)
    seen: set[tuple[str, int]] = set()
    while waiting and len(seen) < _NAMES_MAX:
        path, node, kind = waiting.popleft()
        for at, name, how in _Step(files, path, node, steps).bound(kind, is_returned=is_returned):
            if name is None or _is_bound_again(files, at, name):
                found.escapes = True
            elif (at, name.id) not in seen:
                seen.add((at, name.id))
                others = [use for use in _uses_like(files, at, name) if use.node.id != name.id]
                found.aliases += [Alias(at, use, how) for use in others]
                waiting.extend((at, use.node, how) for use in others if how != "wrapper")
    return found


def _is_bound_again(files: Mapping[str, str], path: str, name: Node) -> bool:
    """Whether the function gives the same name to something else as well, in another block or later."""
    others = [use.node for use in _uses_like(files, path, name) if use.node.id != name.id]
    return any(_is_binding(node) for node in others) or (_is_of_its_own(name) and _is_reached(files, name))


def _uses_like(files: Mapping[str, str], path: str, name: Node) -> Iterator[Use]:
    """Every use of the same variable, or in the same class of the same attribute of its own."""
    if not _is_of_its_own(name):
        yield from syntax.uses_like(path, files[path], name)
        return
    home = class_of(name)
    for use in syntax.attribute_uses(path, files[path], _attribute(name)):
        if _is_of_its_own(use.node) and class_of(use.node) == home:
            yield use


def _is_of_its_own(node: Node) -> bool:
    """Whether it is an attribute of the object that a method is called on."""
    return text(node.child_by_field_name("object")) in _OWN


def _is_reached(files: Mapping[str, str], name: Node) -> bool:
    """Whether any code has an attribute of that name from something else: then that may be the same."""
    uses = (use for path in files for use in syntax.attribute_uses(path, files[path], _attribute(name)))
    return any(not _is_of_its_own(use.node) for use in uses)


def class_of(node: Node) -> Node | None:
    """The class that a node stands in."""
    at = node.parent
    while at is not None and at.type not in _CLASSES:
        at = at.parent
    return at


def _is_binding(name: Node) -> bool:
    parent = name.parent
    if parent is None or parent.type not in _BINDING:
        return False
    return name in (parent.child_by_field_name("left"), parent.child_by_field_name("name"))


def parameters_given(files: Mapping[str, str], path: str, node: Node) -> Iterator[tuple[str, Node]]:
    """The parameter, with its function, that a call gives ``node`` to as it is, where one function has the name."""
    grammar = syntax.grammar_of(path)
    arguments = node.parent
    call = arguments.parent if arguments is not None and arguments.type in syntax.ARGUMENTS else None
    if grammar is None or call is None or arguments is None:
        return
    for _, parameter in _parameters(files, call, node):
        function = syntax.enclosing(grammar, parameter) if parameter is not None else None
        if parameter is not None and function is not None:
            yield text(parameter), function


def keys_of(grammar: Grammar, chain: Iterable[Node]) -> Iterator[str]:
    """The keys and attributes on the way from a name to what is reached, as far as they stand in the code."""
    for each in chain:
        index = each.child_by_field_name("subscript") or each.child_by_field_name("index")
        if each.type not in grammar.member:
            continue
        key = syntax.literal(index) if index is not None else _attribute(each)
        if key:
            yield key.removeprefix("#")


def _attribute(member: Node) -> str:
    return text(member.child_by_field_name("attribute") or member.child_by_field_name("property"))


class _Step:
    """One use of a place or of another name of it, and the names that it is bound to there."""

    def __init__(self, files: Mapping[str, str], path: str, node: Node, steps: Collection[str]) -> None:
        self._files, self._path, self._node, self._steps = files, path, node, steps

    def bound(self, kind: Kind, *, is_returned: bool = False) -> Iterator[tuple[str, Node | None, Kind]]:
        """Each name with its file and what it is; no name for what went where nothing is followed.

        :param is_returned: it is what a function returned that has a cache, and so returns again.
        """
        grammar = syntax.grammar_of(self._path)
        if grammar is None:
            return
        chain = list(syntax.climbed(grammar, self._node))
        value = chain[-1] if chain else self._node
        call = value.parent if value.parent and syntax.is_call_of(grammar, value.parent, value) else None
        is_given = call is not None and (_attribute(value) == _GET if chain else is_returned)
        copied = _copied(grammar, value)
        reached = chain[: -1 if is_given or _is_called(copied, value) else None]
        if any(key not in self._steps for key in keys_of(grammar, reached)):
            return
        value = call if call is not None and is_given else value
        value, kind = (copied, "copy") if copied is not None else (value, kind)
        value = _through(value)
        parent = value.parent
        if parent is None:
            return
        if parent.type in syntax.ARGUMENTS and parent.parent is not None:
            yield from self._given(parent.parent, value, kind, is_whole=not chain)
        elif parent.type == "return_statement":
            yield from self._returned(grammar, parent, kind)
        else:
            yield from self._assigned(grammar, value, kind, is_whole=not chain)

    def _assigned(
        self, grammar: Grammar, value: Node, kind: Kind, *, is_whole: bool
    ) -> Iterator[tuple[str, Node | None, Kind]]:
        parent = value.parent
        assert parent is not None
        target = parent.child_by_field_name("left") or parent.child_by_field_name("name")
        given = parent.child_by_field_name("right") or parent.child_by_field_name("value")
        if target is None or given != value:
            return
        if target.type == "identifier":
            yield self._path, target, kind
        elif target.type == "object_pattern":
            named = [each for each in target.named_children if each.type == "shorthand_property_identifier_pattern"]
            yield from ((self._path, each, kind) for each in named if text(each) in self._steps)
        elif target.type in grammar.member and is_whole:
            yield self._path, target if _is_of_its_own(target) else None, kind

    def _given(self, call: Node, value: Node, kind: Kind, *, is_whole: bool) -> Iterator[tuple[str, Node | None, Kind]]:
        named = _callee(call)
        if own := list(_parameters(self._files, call, value)):
            yield from ((path, parameter, kind) for path, parameter in own)
            return
        if not is_whole or named in _LOOKING or named in CHANGING_THE_FIRST:
            return
        made = None if named == "Proxy" or _is_class(self._files, named) else call.parent
        name = made.child_by_field_name("left") or made.child_by_field_name("name") if made is not None else None
        is_name = name is not None and (name.type == "identifier" or _is_of_its_own(name))
        is_kept = name is not None and is_name and name.id != call.id and kind == "same"
        yield self._path, name if is_kept else None, "wrapper"

    def _returned(self, grammar: Grammar, statement: Node, kind: Kind) -> Iterator[tuple[str, Node | None, Kind]]:
        function = syntax.enclosing(grammar, statement)
        named = text(name_of(function)) if function is not None else ""
        for path, source in self._files.items():
            of = syntax.grammar_of(path)
            for node in syntax.nodes(path, source) if of and named else ():
                if of and node.type == of.call and syntax.called(node).rpartition(".")[2] == named:
                    step = _Step(self._files, path, node, self._steps)
                    value = _through(node)
                    holder = value.parent
                    if holder is not None and holder.type in syntax.ARGUMENTS and holder.parent is not None:
                        yield from step._given(holder.parent, value, kind, is_whole=False)
                    elif holder is not None:
                        yield from step._assigned(of, value, kind, is_whole=False)


def _through(value: Node) -> Node:
    while value.parent is not None and (
        value.parent.type in _THROUGH
        or (
            value.parent.type == "binary_expression"
            and text(value.parent.child_by_field_name("operator")) in ("??", "||")
        )
    ):
        value = value.parent
    return value


def _is_called(copied: Node | None, value: Node) -> bool:
    return copied is not None and copied.child_by_field_name("function") == value


def _copied(grammar: Grammar, value: Node) -> Node | None:
    """The expression that makes a shallow copy of a value, if the value stands in one."""
    parent = value.parent
    if parent is None:
        return None
    if parent.type == grammar.call and parent.child_by_field_name("function") == value:
        return parent if _attribute(value) in _COPYING_METHODS else None
    if parent.type in _SPREADS and parent.parent is not None and parent.parent.type in _LITERALS:
        return parent.parent
    call = parent.parent if parent.type in syntax.ARGUMENTS else None
    if call is None:
        return None
    callee, first = _callee(call), parent.named_children[0]
    is_merged = callee == "Object.assign" and first.type == "object" and first.id != value.id
    return call if is_merged or callee in _COPYING else None


def _callee(call: Node) -> str:
    return text(call.child_by_field_name("function") or call.child_by_field_name("constructor"))


def _parameters(files: Mapping[str, str], call: Node, value: Node) -> Iterator[tuple[str, Node | None]]:
    """Which parameter a call gives a value to, for each function of the code that may be meant; ``None`` if several."""
    named = _callee(call).rpartition(".")[2]
    own = [*_functions(files, named), *_makers(files, named)]
    given = value.parent.named_children if value.parent is not None else []
    number = next((at for at, each in enumerate(given) if each.id == value.id), -1)
    for path, function in own:
        # What a decorator makes of a function may be called with other arguments.
        is_plain = len(own) == 1 and (function.parent is None or function.parent.type != "decorated_definition")
        yield path, _parameter(path, function, number) if is_plain else None


def _functions(files: Mapping[str, str], name: str) -> Iterator[tuple[str, Node]]:
    """Every function of the code that has the name."""
    for path, source in files.items():
        grammar = syntax.grammar_of(path)
        for node in syntax.nodes(path, source) if grammar else ():
            if grammar is None or node.type not in grammar.function:
                continue
            if text(name_of(node)) == name:
                yield path, node


def name_of(function: Node) -> Node | None:
    """The name of a function: its own, or that of the variable that it is the value of."""
    holder = function.parent
    is_value = holder is not None and holder.type == "variable_declarator"
    return function.child_by_field_name("name") or (holder.child_by_field_name("name") if holder and is_value else None)


def _makers(files: Mapping[str, str], name: str) -> Iterator[tuple[str, Node]]:
    """What is given the arguments of a class of that name, for each class that there is."""
    for path, source in files.items():
        for node in syntax.nodes(path, source):
            body = node.child_by_field_name("body") if node.type in _CLASSES else None
            if body is not None and text(node.child_by_field_name("name")) == name:
                yield from ((path, each) for each in body.named_children if text(name_of(each)) in _MAKERS)


def _is_class(files: Mapping[str, str], name: str) -> bool:
    return any(
        node.type in _CLASSES and text(node.child_by_field_name("name")) == name
        for path, source in files.items()
        for node in syntax.nodes(path, source)
    )


def _parameter(path: str, function: Node, number: int) -> Node | None:
    grammar = syntax.grammar_of(path)
    if single := function.child_by_field_name("parameter"):
        return single if number == 0 else None
    lists = [each for each in function.named_children if grammar and each.type in grammar.parameters]
    named = lists[0].named_children if lists else []
    if named and text(named[0]) in ("self", "cls"):
        named = named[1:]
    if not 0 <= number < len(named):
        return None
    each = named[number]
    inner = (
        each if each.type == "identifier" else each.child_by_field_name("name") or each.child_by_field_name("pattern")
    )
    inner = inner if inner is not None or not each.named_children else each.named_children[0]
    return inner if inner is not None and inner.type == "identifier" else None
