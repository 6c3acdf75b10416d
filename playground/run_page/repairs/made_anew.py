"""A fix for values that the code makes once although they look as if they were made each time. Pure.

A default of a parameter belongs to the function, a list in a class to the class. Where it stands in the code as it is,
it is made anew for each call or for each instance.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playground.run_page.repairs.edits import Fix, checked, first_statement, is_documentation, is_plain
from sandbox_runner.handler_code import syntax
from sandbox_runner.handler_code.source_lines import home_of, module_of
from sandbox_runner.runtimes.model import source as text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

_DEFAULT: Final = re.compile(r"\.__(?:kw)?defaults__\['(\w+)'\]")
_ATTRIBUTE: Final = re.compile(r"\.(\w+)(?![\w(])")
_WITH_DEFAULT: Final = ("default_parameter", "typed_default_parameter")


def made_anew(files: Mapping[str, str], place: str) -> Fix | None:
    """The fix where ``place`` is a parameter's default or an attribute of a class."""
    file, name = home_of(files, place)
    nodes = syntax.nodes(file, files[file]) if file else ()
    if not nodes or nodes[0].has_error:
        return None
    rest = place.removeprefix(f"{module_of(file)}.{name}")
    if found := _DEFAULT.match(rest):
        return _default(files, file, nodes, name, found[1])
    found = _ATTRIBUTE.match(rest)
    return _attribute(files, file, nodes, name, found[1]) if found else None


def _default(files: Mapping[str, str], file: str, nodes: Sequence[Node], function: str, name: str) -> Fix | None:
    """``def f(seen=[])`` becomes ``def f(seen=None)`` and makes a list where it begins."""
    defined = [
        n for n in nodes if n.type == "function_definition" and text_of(n.child_by_field_name("name")) == function
    ]
    body = defined[0].child_by_field_name("body") if len(defined) == 1 else None
    parameters = defined[0].child_by_field_name("parameters") if body is not None else None
    given = next((p for p in (parameters.named_children if parameters else ()) if _is_default(p, name)), None)
    value = given.child_by_field_name("value") if given is not None else None
    at = first_statement(body) if body is not None else None
    if given is None or value is None or at is None or not is_plain(value) or _on_several_lines(value):
        return None
    rows = files[file].split("\n")
    row, column = at.start_point
    if rows[row][:column].strip() or value.start_point[0] >= row:
        return None
    indent = rows[row][:column]
    step = indent[defined[0].start_point[1] :]
    rows[row:row] = [f"{indent}if {name} is None:", f"{indent}{step}{name} = {text_of(value)}"]
    rows[value.start_point[0]] = _replaced(rows[value.start_point[0]], value, given)
    return checked(Fix({**files, file: "\n".join(rows)}, file, name, row + 1, "anew"))


def _is_default(parameter: Node, name: str) -> bool:
    return parameter.type in _WITH_DEFAULT and text_of(parameter.child_by_field_name("name")) == name


def _replaced(line: str, value: Node, parameter: Node) -> str:
    """The line with ``None`` in the place of the default, which a type has to allow then."""
    raw = line.encode()
    kind = parameter.child_by_field_name("type")
    before, after = raw[: value.start_point[1]], raw[value.end_point[1] :]
    if kind is not None and kind.start_point[0] == value.start_point[0] and "None" not in text_of(kind):
        before = raw[: kind.end_point[1]] + b" | None" + raw[kind.end_point[1] : value.start_point[1]]
    return (before + b"None" + after).decode()


def _attribute(files: Mapping[str, str], file: str, nodes: Sequence[Node], name: str, attribute: str) -> Fix | None:
    """``class A: seen = []`` becomes a class that gives each instance a list of its own."""
    text = files[file]
    defined = [n for n in nodes if n.type == "class_definition" and text_of(n.child_by_field_name("name")) == name]
    body = defined[0].child_by_field_name("body") if len(defined) == 1 else None
    if body is None or defined[0].child_by_field_name("superclasses") or defined[0].parent != nodes[0]:
        return None
    is_reached = rf"\b(?:{name}|cls|__class__|type\([^()]*\))\.{attribute}\b|\(\s*{name}\s*\):|\b__slots__\b"
    if any(re.search(is_reached, each) for each in files.values()):
        return None
    given = [each for each in body.named_children if _gives(each, attribute)]
    value = given[0].named_children[0].child_by_field_name("right") if len(given) == 1 else None
    if value is None or not is_plain(value) or _on_several_lines(given[0]):
        return None
    makers = [each for each in body.named_children if text_of(each.child_by_field_name("name")) == "__init__"]
    return _in_its_maker(files, file, text.split("\n"), attribute, (given[0], value, makers[0] if makers else None))


def _in_its_maker(
    files: Mapping[str, str], file: str, rows: list[str], attribute: str, parts: tuple[Node, Node, Node | None]
) -> Fix | None:
    given, value, maker = parts
    row, column = given.start_point
    if rows[row].strip() != text_of(given):
        return None
    indent, said = rows[row][:column], f"self.{attribute} = {text_of(value)}"
    if maker is None:
        made = [f"{indent}def __init__(self):", f"{indent}{indent if len(indent) < 5 else '    '}{said}"]
        rows[row : row + 1] = made
        return checked(Fix({**files, file: "\n".join(rows)}, file, attribute, row + 2, "anew"))
    body = maker.child_by_field_name("body")
    at = first_statement(body) if body is not None else None
    if at is None or at.start_point[0] <= row or rows[at.start_point[0]][: at.start_point[1]].strip():
        return None
    rows.insert(at.start_point[0], f"{rows[at.start_point[0]][: at.start_point[1]]}{said}")
    del rows[row]
    return checked(Fix({**files, file: "\n".join(rows)}, file, attribute, at.start_point[0], "anew"))


def _gives(statement: Node, attribute: str) -> bool:
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    if inner is None or is_documentation(statement):
        return False
    return inner.type == "assignment" and text_of(inner.child_by_field_name("left")) == attribute


def _on_several_lines(node: Node) -> bool:
    return node.start_point[0] != node.end_point[0]
