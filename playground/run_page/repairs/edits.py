"""What fixes of a finding are made of: the handler's code as syntax, and lines put into it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import module_of
from sandbox_runner.runtimes.model import consists_of
from sandbox_runner.runtimes.model import source as text_of
from sandbox_runner.runtimes.registry import language_of_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

_PLAIN: Final = (
    frozenset({"string", "string_start", "string_content", "string_end", "string_fragment", "escape_sequence"})
    | frozenset({"integer", "float", "number", "true", "false", "none", "null", "undefined", "comment"})
    | frozenset({"list", "dictionary", "set", "tuple", "pair", "array", "object", "property_identifier"})
    | frozenset({"template_string", "unary_operator", "unary_expression"})
)
_EMPTY: Final = re.compile(r"(?:\[\]|\{\}|(?:list|dict|set|threading\.local)\(\)|new (?:Map|Set)(?:<[^()]*>)?\(\))\Z")
_DECLARATIONS: Final = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
# Code that may reach a name without writing it.
BY_TEXT: Final = re.compile(r"\b(?:globals|vars|eval|exec|Function|__import__|import_module)\s*\(|\bsys\.modules\b")
_FIRST: Final = ("expression_statement", "comment", "import_statement", "future_import_statement", "hash_bang_line")


@dataclass(frozen=True, slots=True)
class Fix:
    """The repaired files. What changed is at ``line`` of ``file``.

    ``name`` was moved into the handler, is reset where the handler begins, or is made anew for each call or instance.
    """

    files: Mapping[str, str]
    file: str
    name: str
    line: int
    how: Literal["moved", "reset", "anew"] = "moved"


@dataclass(frozen=True, slots=True)
class HandlerCode:
    """The files of a function, with the one of its handler: its nodes, and the block of the handler."""

    files: Mapping[str, str]
    file: str
    nodes: Sequence[Node]
    body: Node

    @classmethod
    def of(cls, files: Mapping[str, str], handler: str) -> Self | None:
        """Nothing where the handler's file does not parse, or has not exactly one such handler."""
        module, _, function = handler.rpartition(".")
        file = next((path for path in files if language_of_file(path) and module_of(path) == module), "")
        nodes = syntax.nodes(file, files[file]) if file else ()
        body = body_of(nodes, function) if nodes and not nodes[0].has_error else None
        return cls(files, file, nodes, body) if body is not None else None

    @property
    def text(self) -> str:
        """The handler's file."""
        return self.files[self.file]

    @property
    def is_braced(self) -> bool:
        """Whether blocks stand in braces and statements end with a semicolon."""
        return self.body.type == "statement_block"

    def only_in_functions(self, pattern: str) -> bool:
        """Whether ``pattern`` stands in functions alone, none of which the code calls while it loads."""
        wanted = re.compile(pattern)
        for path, text in self.files.items():
            grammar = syntax.grammar_of(path)
            found = [each for each in syntax.nodes(path, text) if grammar and each.type in grammar.function]
            outside = outside_of(text, found)
            names = [text_of(each.child_by_field_name("name")) for each in found if wanted.search(text_of(each))]
            if wanted.search(outside) or any(name and re.search(rf"\b{name}\s*\(", outside) for name in names):
                return False
        return True

    def begins_with(self, lines: Sequence[str], name: str, needs: str = "") -> Fix | None:
        """The fix that puts ``lines`` where the handler begins, and ``needs`` where its file does."""
        at = first_statement(self.body)
        rows = self.text.split("\n")
        if at is None or rows[at.start_point[0]][: at.start_point[1]].strip():
            return None
        row, indent = at.start_point[0], " " * at.start_point[1]
        if "\t" in rows[row][: at.start_point[1]]:
            indent = rows[row][: at.start_point[1]]
        made = [*rows[:row], *(f"{indent}{each}" for each in lines), *rows[row:]]
        added = [needs] if needs else []
        top = _after_the_head(self.nodes[0]) if needs else 0
        made[top:top] = added
        files = {**self.files, self.file: "\n".join(made)}
        return checked(Fix(files, self.file, name, row + 1 + len(added), "reset"))


def checked(fix: Fix) -> Fix | None:
    """The fix, where the code is still code."""
    return None if syntax.nodes(fix.file, fix.files[fix.file])[0].has_error else fix


def outside_of(text: str, found: Sequence[Node]) -> str:
    """``text`` without what these nodes cover."""
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for node in found:
        raw[node.start_byte : node.end_byte] = b" " * (node.end_byte - node.start_byte)
    return raw.decode("utf-8", "replace")


def body_of(nodes: Sequence[Node], handler: str) -> Node | None:
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


def first_statement(body: Node) -> Node | None:
    """The first statement of a block that does something: no documentation, and nothing that declares a global."""
    statements = (each for each in body.named_children if each.type not in ("comment", "global_statement"))
    return next((each for each in statements if not is_documentation(each)), None)


def is_documentation(statement: Node) -> bool:
    """Whether a statement is a text and nothing else."""
    return statement.type == "expression_statement" and [n.type for n in statement.named_children] == ["string"]


def declaration_of(module: Node, name: str) -> Node | None:
    """The one statement of the module that declares ``name``, and nothing else."""
    found = [each for each in module.named_children if each.type in _DECLARATIONS and _declares(each) == name]
    return found[0] if len(found) == 1 and len(found[0].named_children) == 1 else None


def value_of(declaration: Node) -> Node | None:
    """What a declaration gives to the name; nothing where it gives nothing."""
    inner = declaration.named_children[0]
    return inner.child_by_field_name("right") or inner.child_by_field_name("value")


def named_elsewhere(code: HandlerCode, name: str) -> bool:
    """Whether another file has the name."""
    return any(re.search(rf"\b{re.escape(name)}\b", text) for path, text in code.files.items() if path != code.file)


def _declares(statement: Node) -> str:
    inner = statement.named_children[0] if statement.named_children else None
    if inner is None or inner.type not in ("assignment", "variable_declarator"):
        return ""
    target = inner.child_by_field_name("left") or inner.child_by_field_name("name")
    return text_of(target) if target is not None and target.type == "identifier" else ""


def inside(node: Node, outer: Node) -> bool:
    """Whether a node is within another or the same."""
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def is_plain(value: Node) -> bool:
    """Whether a value stands in the code as it is, or is an empty container."""
    return is_empty(value) or consists_of(value, _PLAIN)


def is_empty(value: Node) -> bool:
    """Whether it is a container with nothing in it."""
    return bool(_EMPTY.match(text_of(value)))


def _exports(handler: str) -> tuple[str, str]:
    return f"exports.{handler}", f"module.exports.{handler}"


def _after_the_head(module: Node) -> int:
    """The row before which an import can stand: after documentation and what must come first."""
    row = 0
    for each in module.named_children:
        if each.type not in _FIRST or (each.type == "expression_statement" and not is_documentation(each)):
            break
        if each.type == "import_statement":
            return each.start_point[0]
        row = each.end_point[0] + 1
    return row
