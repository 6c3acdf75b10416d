"""A fix that can be made by hand in one step: a variable of the module moves into the handler. Pure.

Only where nothing else can change by it: the variable is declared once, on lines of its own, as a plain value, and
is named nowhere but in the handler's body. Whatever is less certain gets no fix, only advice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import home_of
from sandbox_runner.runtimes.model import consists_of
from sandbox_runner.runtimes.model import source as text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from sandbox_runner.results.model import Finding

_DECLARATIONS: Final = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
_PLAIN: Final = (
    frozenset({"string", "string_start", "string_content", "string_end", "string_fragment", "escape_sequence"})
    | frozenset({"integer", "float", "number", "true", "false", "none", "null", "undefined", "comment"})
    | frozenset({"list", "dictionary", "set", "tuple", "pair", "array", "object", "property_identifier"})
    | frozenset({"template_string", "unary_operator", "unary_expression"})
)
_EMPTY: Final = re.compile(r"(?:(?:list|dict|set)\(\)|new (?:Map|Set)(?:<[^()]*>)?\(\))\Z")
_NAMES: Final = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
# Code that may reach a name without writing it.
_BY_TEXT: Final = re.compile(r"\b(?:globals|vars|eval|exec|setattr|getattr|Function)\s*\(")


@dataclass(frozen=True, slots=True)
class Fix:
    """The files with ``name`` declared inside the handler, at ``line`` of ``file``."""

    files: Mapping[str, str]
    file: str
    name: str
    line: int


def fix_of(files: Mapping[str, str], handler: str, finding: Finding) -> Fix | None:
    """The fix for what ``finding`` says carried it, where there is one that is certain."""
    if finding.location is None or finding.location.root == "tmp-file":
        return None
    file, name = home_of(files, finding.location.path)
    if not file or _named_elsewhere(files, file, name):
        return None
    nodes = syntax.nodes(file, files[file])
    if not nodes or nodes[0].has_error or _BY_TEXT.search(files[file]):
        return None
    declaration = _declaration(nodes[0], name)
    body = _body(nodes, handler.rpartition(".")[2])
    if declaration is None or body is None or not _only_in(nodes, name, declaration, body):
        return None
    return _moved(files, file, name, (declaration, body))


def _named_elsewhere(files: Mapping[str, str], file: str, name: str) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text) for path, text in files.items() if path != file)


def _declaration(module: Node, name: str) -> Node | None:
    """The one statement of the module that gives ``name`` a plain value, and nothing else."""
    found = [each for each in module.named_children if each.type in _DECLARATIONS and _declares(each) == name]
    if len(found) != 1 or len(found[0].named_children) != 1:
        return None
    inner = found[0].named_children[0]
    value = inner.child_by_field_name("right") or inner.child_by_field_name("value")
    bare = value is None and inner.type == "variable_declarator"
    return found[0] if bare or (value is not None and _is_plain(value)) else None


def _declares(statement: Node) -> str:
    inner = statement.named_children[0] if statement.named_children else None
    if inner is None or inner.type not in ("assignment", "variable_declarator"):
        return ""
    target = inner.child_by_field_name("left") or inner.child_by_field_name("name")
    return text_of(target) if target is not None and target.type == "identifier" else ""


def _is_plain(value: Node) -> bool:
    return bool(_EMPTY.match(text_of(value))) or consists_of(value, _PLAIN)


def _body(nodes: Sequence[Node], handler: str) -> Node | None:
    """The block of the handler: a function of that name, or one that is given to that name."""
    found = []
    for node in nodes:
        function = None
        if node.type in ("function_definition", "function_declaration"):
            function = node if text_of(node.child_by_field_name("name")) == handler else None
        elif node.type == "variable_declarator" and text_of(node.child_by_field_name("name")) == handler:
            function = node.child_by_field_name("value")
        elif node.type == "assignment_expression":
            target = text_of(node.child_by_field_name("left"))
            function = node.child_by_field_name("right") if target in _exports(handler) else None
        if function is not None:
            found.append(function.child_by_field_name("body"))
    body = found[0] if len(found) == 1 else None
    return body if body is not None and body.type in ("block", "statement_block") and body.named_children else None


def _exports(handler: str) -> tuple[str, str]:
    return f"exports.{handler}", f"module.exports.{handler}"


def _only_in(nodes: Sequence[Node], name: str, declaration: Node, body: Node) -> bool:
    """Whether the handler's body is the only place that names it, and nothing there is another of that name."""
    for node in nodes:
        if node.type not in _NAMES or text_of(node) != name or _inside(node, declaration):
            continue
        if not _inside(node, body) or _declares_again(node, body):
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


def _inside(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


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
    at = next((each for each in statements if each.type != "global_statement" and not _is_documentation(each)), None)
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
    if syntax.nodes(file, fixed)[0].has_error:
        return None
    return Fix({**files, file: fixed}, file, name, written)


def _is_documentation(statement: Node) -> bool:
    return statement.type == "expression_statement" and [n.type for n in statement.named_children] == ["string"]


def _without(line: str, statement: Node, name: str) -> list[str]:
    """The line of a ``global`` statement without ``name``; no line where nothing is left of it."""
    others = [text_of(each) for each in statement.named_children if text_of(each) != name]
    if len(others) == len(statement.named_children):
        return [line]
    return [f"{line[: statement.start_point[1]]}global {', '.join(others)}"] if others else []
