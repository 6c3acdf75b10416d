"""A fix that can be made by hand in one step, for what carried a finding, where nothing else can change by it. Pure.

A variable of the module moves into the handler where nothing but the handler names it; a default or an attribute of a
class is made anew each time; what only functions change is reset where the handler begins. Whatever is less certain
gets no fix, only advice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playground.run_page.repairs.edits import (
    BY_TEXT,
    Fix,
    HandlerCode,
    body_of,
    checked,
    declaration_of,
    inside,
    is_documentation,
    is_empty,
    is_plain,
    value_of,
)
from playground.run_page.repairs.made_anew import made_anew
from playground.run_page.repairs.resets import reset_of
from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import home_of
from sandbox_runner.runtimes.model import source as text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from sandbox_runner.results.model import Finding

_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_MADE: Final = re.compile(r"(?:new )?(\w+)(?:<[^()]*>)?\(\)\Z")
_MAKERS: Final = frozenset({"__init__", "__new__", "constructor"})
_FUNCTIONS: Final = frozenset({"function_definition", "function_declaration", "generator_function_declaration"})


def fix_of(files: Mapping[str, str], handler: str, finding: Finding, configured: Collection[str] = ()) -> Fix | None:
    """The fix for what ``finding`` says carried it, where there is one that is certain.

    :param configured: the names of the function's environment variables.
    """
    if finding.location is None:
        return None
    place = finding.location.path
    if fix := _move(files, handler, place) or made_anew(files, place):
        return fix
    code = HandlerCode.of(files, handler)
    return reset_of(code, place, configured) if code else None


def _move(files: Mapping[str, str], handler: str, place: str) -> Fix | None:
    file, name = home_of(files, place)
    others = (text for path, text in files.items() if path != file)
    if not file or any(name in text and re.search(rf"\b{re.escape(name)}\b", text) for text in others):
        return None
    nodes = syntax.nodes(file, files[file])
    if not nodes or nodes[0].has_error or BY_TEXT.search(files[file]):
        return None
    declaration = declaration_of(nodes[0], name)
    body = body_of(nodes, handler.rpartition(".")[2])
    if declaration is None or body is None or not _only_in(nodes, name, declaration, body):
        return None
    value = value_of(declaration)
    if value is not None and not is_plain(value) and not _is_harmless(file, nodes[0], text_of(value)):
        return None
    if value is None and declaration.named_children[0].type != "variable_declarator":
        return None
    return _moved(files, file, name, (declaration, body))


def _is_harmless(file: str, module: Node, value: str) -> bool:
    """Whether a value is what a function or class of the file makes of nothing, and that calls nothing itself."""
    found = _MADE.match(value)
    maker = next((each for each in module.named_children if found and _named(each) == found[1]), None)
    if maker is None:
        return False
    if maker.type in _FUNCTIONS:
        return _is_generator(maker) or not any(_calls(file, maker))
    if maker.child_by_field_name("superclasses") or any(each.type == "class_heritage" for each in maker.named_children):
        return False
    body = maker.child_by_field_name("body")
    parts = body.named_children if body is not None else []
    made = [each for each in parts if each.type not in (*_FUNCTIONS, "method_definition") or _named(each) in _MAKERS]
    return not any(each for part in made for each in _calls(file, part))


def _named(node: Node) -> str:
    return text_of(node.child_by_field_name("name"))


def _is_generator(function: Node) -> bool:
    return function.type == "generator_function_declaration" or any(
        each.type == "yield" for each in _own_nodes(function, _FUNCTIONS | {"lambda"})
    )


def _calls(file: str, node: Node) -> Iterator[Node]:
    """What is called in it, and not only in functions that it makes."""
    grammar = syntax.grammar_of(file)
    called = (grammar.call, "new_expression", "await", "await_expression", "decorator") if grammar else ()
    functions = grammar.function if grammar else frozenset()
    return (each for each in _own_nodes(node, functions) if each.type in called and not is_empty(each))


def _own_nodes(node: Node, functions: Collection[str]) -> Iterator[Node]:
    waiting = list(node.named_children)
    while waiting:
        each = waiting.pop()
        yield each
        if each.type not in functions:
            waiting.extend(each.named_children)


def _only_in(nodes: Sequence[Node], name: str, declaration: Node, body: Node) -> bool:
    """Whether the handler's body is the only place that names it, and nothing there is another of that name."""
    for node in nodes:
        if node.type not in _NAMES or text_of(node) != name or inside(node, declaration):
            continue
        if not inside(node, body) or _declares_again(node, body):
            return False
    return True


def _declares_again(node: Node, body: Node) -> bool:
    """Another variable, parameter, function or class of that name, or a ``global`` of an inner function."""
    holder = node.parent
    if holder is None:
        return True
    if holder.type == "global_statement":
        return holder.parent != body
    if holder.type in (
        "parameters",
        "lambda_parameters",
        "formal_parameters",
        "required_parameter",
        "optional_parameter",
        "default_parameter",
        "nonlocal_statement",
    ):
        return True
    declares = holder.type in ("variable_declarator", "function_declaration", "function_definition", "class_definition")
    return declares and holder.child_by_field_name("name") == node


def _moved(files: Mapping[str, str], file: str, name: str, nodes: tuple[Node, Node]) -> Fix | None:
    declaration, body = nodes
    lines = files[file].split("\n")
    first, last = declaration.start_point[0], declaration.end_point[0]
    said = "\n".join(lines[first : last + 1]).strip()
    if said.rstrip(";") != text_of(declaration).rstrip(";") or first != last:
        # Something else stands on its lines, or it takes several.
        return None
    statements = [each for each in body.named_children if each.type != "comment"]
    globals_ = {each.start_point[0]: each for each in statements if each.type == "global_statement"}
    at = next((each for each in statements if each.type != "global_statement" and not is_documentation(each)), None)
    if at is None or lines[at.start_point[0]][: at.start_point[1]].strip():
        return None
    made = []
    for number, line in enumerate(lines):
        if number == at.start_point[0]:
            made.append(f"{line[: at.start_point[1]]}{said}")
            written = len(made)
        if number in globals_:
            made += _without(line, globals_[number], name)
        elif number != first:
            made.append(line)
    fixed = "\n".join(made)
    return checked(Fix({**files, file: fixed}, file, name, written))


def _without(line: str, statement: Node, name: str) -> list[str]:
    """The line of a ``global`` statement without ``name``; no line where nothing is left of it."""
    others = [text_of(each) for each in statement.named_children if text_of(each) != name]
    if len(others) == len(statement.named_children):
        return [line]
    return [f"{line[: statement.start_point[1]]}global {', '.join(others)}"] if others else []
